/** Kinds that are a pod or contain a pod template, and where it is in them. */
import { fields, text } from '../../util/unstructured.ts';

/** Group and kind as in `GroupVersionKind`; the version does not change where the template is. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** Entry of `policy.templates`: a further kind with a pod template. */
export interface ConfiguredKind extends GroupKind {
  /** JSON pointer of the template, `/spec/template`. */
  readonly path: string;
}

/** `group/kind` → JSON pointer of the pod or its template; '' for a pod. */
export type WorkloadKinds = ReadonlyMap<string, string>;

export const builtinKinds: WorkloadKinds = new Map([
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

/** The built-in kinds and these. */
export function workloadKinds(templates: readonly ConfiguredKind[]): WorkloadKinds {
  if (templates.length === 0) return builtinKinds;
  return new Map([
    ...templates.map(({ group, kind, path }) => [`${group}/${kind}`, path] as const),
    ...builtinKinds,
  ]);
}

export function isWorkload({ group, kind }: GroupKind, kinds: WorkloadKinds = builtinKinds): boolean {
  return kinds.has(`${group}/${kind}`);
}

/** Returns the group and kind that an object declares. */
export function groupKindOf(object: unknown): GroupKind {
  return { group: groupOf(text(fields(object)['apiVersion'])), kind: text(fields(object)['kind']) };
}

/** Returns the group of an `apiVersion`: `apps` of `apps/v1`, '' of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
