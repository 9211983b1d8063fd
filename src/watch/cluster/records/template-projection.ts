/** A workload that makes pods → the record of the pods that it makes. */
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { controllerOf, revisionUid } from './owner.ts';
import type { Owner, PodRecord } from './pod-record.ts';
import { recordOf, type SharedParts, sharedParts } from './projection.ts';

export const templateKinds = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
] as const;
export type TemplateKind = (typeof templateKinds)[number];

/**
 * null: it is no such object. `owner` is whose pins live as long as this object: also where it is over and uses nothing, as
 * the ReplicaSets of earlier revisions.
 */
export function templateRecordOf(
  object: unknown,
  kind: TemplateKind,
  shared: SharedParts = sharedParts(),
): PodRecord | null {
  const metadata = fields(fields(object)['metadata']);
  const group = kind === 'Job' || kind === 'CronJob' ? 'batch' : 'apps';
  const [name, uid] = [text(metadata['name']), text(metadata['uid'])];
  const above = controllerOf(metadata);
  const particulars = {
    owner: ownerIn(fields(object), kind, name, uid),
    controller: above ?? { apiVersion: `${group}/v1`, kind, name, uid },
    isOver: makesNone(fields(object), kind, above !== null),
  };
  return recordOf(object, { group, kind }, particulars, shared);
}

/** Whose digests its pods continue. Of a DaemonSet the revision is not told: its UID stands for all of them. */
function ownerIn(object: Fields, kind: TemplateKind, name: string, uid: string): Owner | null {
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

/** It makes no pods now, and none of its own accord later. A workload scaled to nothing may be scaled up at any moment. */
function makesNone(object: Fields, kind: TemplateKind, isControlled: boolean): boolean {
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
