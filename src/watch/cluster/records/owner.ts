/** Whom a pod belongs to, as its owner references say; anybody who may create pods can write them. */
import { type Fields, entry, fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { Owner, PodRecord } from './pod-record.ts';

/** Their UID changes with every change of the template. */
const byUid: ReadonlySet<string> = new Set(['ReplicaSet', 'Job', 'ReplicationController']);
/** Theirs does not; a label of their pods tells the revision. */
const byRevision: ReadonlySet<string> = new Set(['StatefulSet', 'DaemonSet']);

const revisionLabel = 'controller-revision-hash';

/** Whose earlier digests `pod` continues; the same key as in its `PodRecord` once it is stored. */
export function ownerOf(pod: unknown): Owner | null {
  const metadata = fields(fields(pod)['metadata']);
  const controller = controllerOf(metadata);
  if (!controller) return null;
  const { kind, name, uid } = controller;
  if (byUid.has(kind)) return { kind, name, uid };
  const revision = entry(metadata['labels'], revisionLabel) ?? '';
  return byRevision.has(kind) && revision !== '' ? { kind, name, uid: revisionUid(uid, revision) } : null;
}

/** As `Owner.uid` of a pod of this revision. */
export function revisionUid(uid: string, revision: string): string {
  return `${uid}/${revision}`;
}

/** The UID of the object itself, whatever the revision. */
export function objectUidOf({ uid }: Pick<Owner, 'uid'>): string {
  const [object = ''] = uid.split('/', 1);
  return object;
}

// Nobody else checks how long the parts of a reference are, and each pod's is kept.
const maxPart = 253;

/** The owner reference marked as the controller's; null when there is none that could be. */
export function controllerOf(metadata: Fields): PodRecord['controller'] {
  const reference = items(metadata['ownerReferences'])
    .filter(isObject)
    .find(({ controller }) => controller === true);
  if (!reference) return null;
  const [kind, name, uid] = [text(reference['kind']), text(reference['name']), text(reference['uid'])];
  const apiVersion = text(reference['apiVersion']);
  const isLong = [apiVersion, kind, name, uid].some(({ length }) => length > maxPart);
  return kind === '' || uid === '' || isLong ? null : { apiVersion, kind, name, uid };
}
