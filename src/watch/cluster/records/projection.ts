/** Projection of pods and pod templates to records. Equal parts of different records share one object. */
import { skipLabel } from '../../../judge/policy/opt-out.ts';
import { verdictAnnotation } from '../../../judge/patch/patch.ts';
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { GroupKind } from '../../../judge/workload/workload-kinds.ts';
import { annotationOf, labelOf, templateOf, type Workload } from '../../../judge/workload/workload.ts';
import { InternPool } from './intern-pool.ts';
import type { Owner, PodRecord, UsedImage } from './pod-record.ts';
import { projectScheduling } from './scheduling.ts';
import { truncate, projectImages } from './used-images.ts';

/** Fields that are determined differently for each kind. */
export interface OwnershipAndPhase {
  readonly owner: Owner | null;
  readonly controller: PodRecord['controller'];
  readonly isOver: boolean;
}

// Limit of pull secrets. Admission reads 64 per pod at most; one more shows that the limit was exceeded.
const maxSecrets = 64;
// Limit of a name, one more than the longest valid name, so that a truncated name stays invalid.
const maxName = 254;
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Intern pools shared by all projections of a process, so that a pod and its template share values. */
export interface InternPools {
  readonly texts: InternPool<string>;
  readonly lists: InternPool<readonly string[]>;
  readonly images: InternPool<readonly UsedImage[]>;
  readonly owners: InternPool<Owner | PodRecord['controller']>;
  readonly scheduling: InternPool<unknown>;
}

export function createInternPools(): InternPools {
  return {
    texts: new InternPool(),
    lists: new InternPool(),
    images: new InternPool(),
    owners: new InternPool(),
    scheduling: new InternPool(),
  };
}

/**
 * Builds the record of a pod or template; null if the object has no UID, which means that it does not come
 * from a cluster.
 */
export function buildPodRecord(
  object: unknown,
  as: GroupKind,
  { owner, controller, isOver }: OwnershipAndPhase,
  shared: InternPools,
): PodRecord | null {
  const metadata = fields(fields(object)['metadata']);
  const uid = text(metadata['uid']);
  const workload = readWorkload(object, as);
  if (uid === '' || !workload) return null;
  const spec = fields(workload.pod['spec']);
  return {
    kind: as.kind,
    namespace: shared.texts.share(workload.namespace, () => workload.namespace),
    name: text(metadata['name']),
    uid,
    createdAt: parseTimestamp(metadata['creationTimestamp']),
    owner: owner && shareOwner(owner, shared),
    controller: controller && shareOwner(controller, shared),
    serviceAccount: shareServiceAccount(spec, shared),
    pullSecrets: shareNames(
      pullSecretsOf(spec)
        .slice(0, maxSecrets)
        .map((name) => truncate(name, maxName)),
      shared,
    ),
    images: shareImages(workload, fields(fields(object)['status']), shared),
    hasVerdict: annotationOf(workload, verdictAnnotation) !== undefined,
    hasSkipLabel: labelOf(workload, skipLabel) === 'true',
    isStaticPod: !workload.template && annotationOf(workload, mirrorAnnotation) !== undefined,
    isFinished: isOver || text(metadata['deletionTimestamp']) !== '',
    scheduling: projectScheduling(spec, shared.scheduling),
  };
}

/** Returns the names of the pull secrets in their order, without empty ones. */
export function pullSecretsOf(spec: Fields): readonly string[] {
  return items(spec['imagePullSecrets'])
    .slice(0, maxSecrets + 1)
    .filter(isObject)
    .map(({ name }) => text(name))
    .filter((name) => name !== '');
}

/** Returns the name of the service account, which is `default` if the pod names none. */
export function serviceAccountOf(spec: Fields): string {
  return text(spec['serviceAccountName']) || text(spec['serviceAccount']) || 'default';
}

/** Reads the workload; a pod with more images than the judge accepts is recorded without images. */
function readWorkload(object: unknown, as: GroupKind): Workload | null {
  const workload = templateOf(object, as);
  if (!workload?.hasTooManyImages) return workload;
  return templateOf(withoutImages(object), { group: '', kind: 'Pod' });
}

function withoutImages(object: unknown): Fields {
  return { metadata: fields(object)['metadata'] };
}

function shareOwner<T extends Owner | NonNullable<PodRecord['controller']>>(
  owner: T,
  { owners }: InternPools,
): T {
  // The key covers the shape, because the same object may be an owner and a controller.
  return owners.share(JSON.stringify(owner), () => owner) as T;
}

function shareNames(names: readonly string[], { lists }: InternPools): readonly string[] {
  // The key is JSON, because the API server does not validate these names and they may contain any character.
  return lists.share(JSON.stringify(names), () => names);
}

function shareServiceAccount(spec: Fields, { texts }: InternPools): string {
  const name = serviceAccountOf(spec);
  return texts.share(name, () => name);
}

function shareImages(workload: Workload, status: Fields, shared: InternPools): readonly UsedImage[] {
  const used = projectImages(workload, status);
  return shared.images.share(JSON.stringify(used), () => used);
}

/** Returns milliseconds since the epoch; 0 for an invalid timestamp. */
function parseTimestamp(timestamp: unknown): number {
  const milliseconds = Date.parse(text(timestamp));
  return Number.isNaN(milliseconds) ? 0 : milliseconds;
}
