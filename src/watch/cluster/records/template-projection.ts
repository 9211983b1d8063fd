/** Projection of a workload to the record of the pods that its template creates. */
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { controllerOf, revisionUid } from './pod-owner.ts';
import type { Owner, PodRecord } from './pod-record.ts';
import { buildPodRecord, type InternPools, createInternPools } from './projection.ts';

export const templateKinds = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
] as const;
export type BuiltinTemplateKind = (typeof templateKinds)[number];

/**
 * Returns null if `object` is not of this kind. `owner` is set even if the workload creates no pods, as for the ReplicaSets of
 * earlier revisions: their pins live as long as the object.
 */
export function projectTemplate(
  object: unknown,
  kind: BuiltinTemplateKind,
  shared: InternPools = createInternPools(),
): PodRecord | null {
  const metadata = fields(fields(object)['metadata']);
  const group = kind === 'Job' || kind === 'CronJob' ? 'batch' : 'apps';
  const [name, uid] = [text(metadata['name']), text(metadata['uid'])];
  const controller = controllerOf(metadata);
  const ownership = {
    owner: templateOwner(fields(object), kind, name, uid),
    controller: controller ?? { apiVersion: `${group}/v1`, kind, name, uid },
    isOver: createsNoPods(fields(object), kind, controller !== null),
  };
  return buildPodRecord(object, { group, kind }, ownership, shared);
}

/** Returns the owner whose digests its pods use. A DaemonSet has no revision in its status: its UID stands for all. */
function templateOwner(object: Fields, kind: BuiltinTemplateKind, name: string, uid: string): Owner | null {
  switch (kind) {
    case 'Deployment':
    case 'CronJob':
      return null;
    case 'ReplicaSet':
    case 'Job':
      return { kind, name, uid };
    case 'StatefulSet':
    case 'DaemonSet': {
      const revision = text(fields(object['status'])['updateRevision']);
      return { kind, name, uid: revision === '' ? uid : revisionUid(uid, revision) };
    }
    default:
      return kind satisfies never;
  }
}

/** Returns whether it creates no pods now or on its own later. A workload scaled to zero may be scaled up at any time. */
function createsNoPods(object: Fields, kind: BuiltinTemplateKind, isControlled: boolean): boolean {
  const spec = fields(object['spec']);
  switch (kind) {
    case 'ReplicaSet':
      return isControlled && spec['replicas'] === 0;
    case 'Job':
      return spec['suspend'] === true || isFinished(fields(object['status']));
    case 'CronJob':
      return spec['suspend'] === true;
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return false;
    default:
      return kind satisfies never;
  }
}

function isFinished(status: Fields): boolean {
  return items(status['conditions'])
    .filter(isObject)
    .some(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
}
