/** A Kubernetes object that is a pod or makes pods, read by the few paths that matter here. */
import { type ImageUse, usesOf } from './image-use.ts';
import { entry, type Fields, fields, text } from '../../util/unstructured.ts';

export interface Workload {
  /** `Pod`, `Deployment`… */
  readonly kind: string;
  /** As the object says; '' when it says none. */
  readonly namespace: string;
  /** Name, else the prefix that a name will be generated from, else ''. */
  readonly name: string;
  /** It makes pods rather than being one. */
  readonly template: boolean;
  /** JSON pointer of the pod (its `metadata` and `spec`) within the object; '' for a pod. */
  readonly pointer: string;
  /** The pod or template itself: `metadata` and `spec`, as they came. */
  readonly pod: Fields;
  readonly uses: readonly ImageUse[];
}

/** Group and kind, as in `GroupVersionKind`; the version makes no difference to these paths. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

const pointers: ReadonlyMap<string, string> = new Map([
  ['/Pod', ''],
  ['/PodTemplate', '/template'],
  ['/ReplicationController', '/spec/template'],
  ['apps/Deployment', '/spec/template'],
  ['apps/ReplicaSet', '/spec/template'],
  ['apps/StatefulSet', '/spec/template'],
  ['apps/DaemonSet', '/spec/template'],
  ['batch/Job', '/spec/template'],
  ['batch/CronJob', '/spec/jobTemplate/spec/template'],
]);

/** Is this a kind that Pratique knows? */
export function isWorkload({ group, kind }: GroupKind): boolean {
  return pointers.has(`${group}/${kind}`);
}

/** What `object` says it is. */
export function groupKindOf(object: unknown): GroupKind {
  const version = text(fields(object)['apiVersion']);
  const slash = version.indexOf('/');
  return { group: slash < 0 ? '' : version.slice(0, slash), kind: text(fields(object)['kind']) };
}

/**
 * The pod or pod template in `object`; null when it is of no kind that holds one. `as` overrules what the object says of
 * itself. Throws `WorkloadError` when it has too many images.
 */
export function templateOf(object: unknown, as: GroupKind = groupKindOf(object)): Workload | null {
  const pointer = pointers.get(`${as.group}/${as.kind}`);
  if (pointer === undefined) return null;
  const pod = at(object, pointer);
  const metadata = fields(fields(object)['metadata']);
  return {
    kind: as.kind,
    namespace: text(metadata['namespace']),
    name: text(metadata['name']) || text(metadata['generateName']),
    template: pointer !== '',
    pointer,
    pod,
    uses: usesOf(fields(pod['spec']), pointer),
  };
}

/** A label of the pod or template. */
export function labelOf(workload: Workload, key: string): string | undefined {
  return entry(fields(workload.pod['metadata'])['labels'], key);
}

/** An annotation of the pod or template. */
export function annotationOf(workload: Workload, key: string): string | undefined {
  return entry(fields(workload.pod['metadata'])['annotations'], key);
}

function at(object: unknown, pointer: string): Fields {
  const steps = pointer.split('/').slice(1);
  return steps.reduce((value, step) => fields(value[step]), fields(object));
}
