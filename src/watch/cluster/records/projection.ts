/** Pods and pod templates → records, as small as they can be: what many of them have in common is kept once. */
import { skipLabel } from '../../../judge/policy/opt-out.ts';
import { verdictAnnotation } from '../../../judge/patch/patch.ts';
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { GroupKind } from '../../../judge/workload/workload-kinds.ts';
import { annotationOf, labelOf, templateOf, type Workload } from '../../../judge/workload/workload.ts';
import { Interned } from './intern-pool.ts';
import type { Owner, PodRecord, UsedImage } from './pod-record.ts';
import { schedulingOf } from './scheduling.ts';
import { bounded, usedImages } from '../history/used-images.ts';

/** What the kinds differ in. */
export interface Particulars {
  readonly owner: Owner | null;
  readonly controller: PodRecord['controller'];
  readonly isOver: boolean;
}

// Nobody reads more for a pod; one more tells that there are more.
const maxSecrets = 64;
// One more than a name may have: cut, it still names nothing.
const maxName = 254;
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Shared by all projections of a process, so that a pod and its template share, too. */
export interface SharedParts {
  readonly texts: Interned<string>;
  readonly lists: Interned<readonly string[]>;
  readonly images: Interned<readonly UsedImage[]>;
  readonly people: Interned<Owner | PodRecord['controller']>;
  readonly scheduling: Interned<unknown>;
}

export function sharedParts(): SharedParts {
  return {
    texts: new Interned(),
    lists: new Interned(),
    images: new Interned(),
    people: new Interned(),
    scheduling: new Interned(),
  };
}

/** null: it has no UID, so it is no object of a cluster. */
export function recordOf(
  object: unknown,
  as: GroupKind,
  { owner, controller, isOver }: Particulars,
  shared: SharedParts,
): PodRecord | null {
  const metadata = fields(fields(object)['metadata']);
  const uid = text(metadata['uid']);
  const workload = workloadIn(object, as);
  if (uid === '' || !workload) return null;
  const spec = fields(workload.pod['spec']);
  return {
    kind: as.kind,
    namespace: shared.texts.share(workload.namespace, () => workload.namespace),
    name: text(metadata['name']),
    uid,
    createdAt: instant(metadata['creationTimestamp']),
    owner: owner && person(owner, shared),
    controller: controller && person(controller, shared),
    serviceAccount: serviceAccountOf(spec, shared),
    pullSecrets: list(
      pullSecretNames(spec)
        .slice(0, maxSecrets)
        .map((name) => bounded(name, maxName)),
      shared,
    ),
    images: images(workload, fields(fields(object)['status']), shared),
    hasVerdict: annotationOf(workload, verdictAnnotation) !== undefined,
    optsOut: labelOf(workload, skipLabel) === 'true',
    isMirror: !workload.template && annotationOf(workload, mirrorAnnotation) !== undefined,
    isOver: isOver || text(metadata['deletionTimestamp']) !== '',
    scheduling: schedulingOf(spec, shared.scheduling),
  };
}

/** In their order, empty names left out. */
export function pullSecretNames(spec: Fields): readonly string[] {
  return items(spec['imagePullSecrets'])
    .slice(0, maxSecrets + 1)
    .filter(isObject)
    .map(({ name }) => text(name))
    .filter((name) => name !== '');
}

/** The one that a pod gets that asks for none is `default`. */
export function serviceAccountName(spec: Fields): string {
  return text(spec['serviceAccountName']) || text(spec['serviceAccount']) || 'default';
}

/** A pod with more images than anybody judges is known without them. */
function workloadIn(object: unknown, as: GroupKind): Workload | null {
  const workload = templateOf(object, as);
  if (!workload?.hasTooManyImages) return workload;
  return templateOf(withoutImages(object), { group: '', kind: 'Pod' });
}

function withoutImages(object: unknown): Fields {
  return { metadata: fields(object)['metadata'] };
}

function person<T extends Owner | NonNullable<PodRecord['controller']>>(who: T, { people }: SharedParts): T {
  // A key of its own for each shape: the same object owns pods and controls them.
  return people.share(JSON.stringify(who), () => who) as T;
}

function list(names: readonly string[], { lists }: SharedParts): readonly string[] {
  // Nobody checks the names of pull secrets: there may be anything in them.
  return lists.share(JSON.stringify(names), () => names);
}

function serviceAccountOf(spec: Fields, { texts }: SharedParts): string {
  const name = serviceAccountName(spec);
  return texts.share(name, () => name);
}

function images(workload: Workload, status: Fields, shared: SharedParts): readonly UsedImage[] {
  const used = usedImages(workload, status);
  return shared.images.share(JSON.stringify(used), () => used);
}

/** 0 for what is no time. */
function instant(timestamp: unknown): number {
  const milliseconds = Date.parse(text(timestamp));
  return Number.isNaN(milliseconds) ? 0 : milliseconds;
}
