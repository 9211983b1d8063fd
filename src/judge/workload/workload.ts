/** Kubernetes object that is a pod or creates pods, reduced to the few paths that image checks need. */
import { entry, type Fields, fields, isObject, items, text } from '../../util/unstructured.ts';
import { type ImageUses, usesOf } from './image-use.ts';
import { builtinKinds, type GroupKind, groupKindOf, groupOf, type WorkloadKinds } from './workload-kinds.ts';

export interface Workload extends ImageUses {
  /** Kind of the object, such as `Pod` or `Deployment`. */
  readonly kind: string;
  /** Namespace of the object; '' if it has none. */
  readonly namespace: string;
  /** Name, or the prefix from which a name will be generated, or ''. */
  readonly name: string;
  /** True if the object creates pods and is not a pod. */
  readonly template: boolean;
  /** JSON pointer of the pod or template (its `metadata` and `spec`) within the object; '' for a pod. */
  readonly pointer: string;
  /** Unchecked `metadata` and `spec` of the pod or template. */
  readonly pod: Fields;
  /** True for a suspended Job, whose template may still be changed. */
  readonly isSuspended: boolean;
}

/**
 * Reads the pod or pod template in `object`; null if its kind has none. `as` overrides the kind that the
 * object declares.
 */
export function templateOf(
  object: unknown,
  as: GroupKind = groupKindOf(object),
  kinds: WorkloadKinds = builtinKinds,
): Workload | null {
  const pointer = kinds.get(`${as.group}/${as.kind}`);
  if (pointer === undefined) return null;
  const pod = at(object, pointer);
  const { metadata: own, spec } = fields(object);
  const metadata = fields(own);
  return {
    kind: as.kind,
    namespace: text(metadata['namespace']),
    name: text(metadata['name']) || text(metadata['generateName']),
    template: pointer !== '',
    pointer,
    pod,
    isSuspended: as.group === 'batch' && as.kind === 'Job' && fields(spec)['suspend'] === true,
    ...usesOf(fields(pod['spec']), pointer),
  };
}

/** Returns a label of the pod or template. */
export function labelOf({ pod }: Workload, key: string): string | undefined {
  return entry(fields(pod['metadata'])['labels'], key);
}

/** Returns an annotation of the pod or template. */
export function annotationOf({ pod }: Workload, key: string): string | undefined {
  return entry(fields(pod['metadata'])['annotations'], key);
}

/**
 * Returns the kind of the owner reference that is marked as controller; null if a pod has none. Templates
 * have none.
 */
export function controllerKindOf({ pod, template }: Workload): GroupKind | null {
  if (template) return null;
  const reference = items(fields(pod['metadata'])['ownerReferences'])
    .filter(isObject)
    .find(({ controller }) => controller === true);
  return reference ? { group: groupOf(text(reference['apiVersion'])), kind: text(reference['kind']) } : null;
}

/**
 * Returns true if a controller still has to remove a scheduling gate, and may restrict the pod's nodes until
 * then.
 */
export function isGated({ pod }: Workload): boolean {
  return items(fields(pod['spec'])['schedulingGates']).length > 0;
}

function at(object: unknown, pointer: string): Fields {
  const steps = pointer.split('/').slice(1);
  return steps.reduce((value, step) => fields(value[step]), fields(object));
}
