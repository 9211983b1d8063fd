/** Kinds that are a pod or contain a pod template, and the path of the template in them. */
import { fields, text } from '../../util/unstructured.ts';

/**
 * Group and kind as in `GroupVersionKind`. The version is omitted, because it does not change the path of the
 * template.
 */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** Entry of `policy.templates`, which adds a kind with a pod template. */
export interface ConfiguredKind extends GroupKind {
  /** JSON pointer of the template, such as `/spec/template`. */
  readonly path: string;
}

/** Maps `group/kind` to the JSON pointer of the pod or its template; '' for a pod. */
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

/** Returns the built-in kinds and the configured ones. */
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

/** Returns the group of an `apiVersion`: `apps` for `apps/v1`, and '' for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
