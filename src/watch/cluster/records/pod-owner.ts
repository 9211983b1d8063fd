/** Owner of a pod from its owner references. Any user who may create pods can write them. */
import { type Fields, entry, fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { Owner, PodRecord } from './pod-record.ts';

/** Kinds whose UID changes with each change of the template. */
const ownersByUid: ReadonlySet<string> = new Set(['ReplicaSet', 'Job', 'ReplicationController']);
/** Kinds whose UID survives changes of the template; a label of their pods names the revision. */
const ownersByRevision: ReadonlySet<string> = new Set(['StatefulSet', 'DaemonSet']);

const revisionLabel = 'controller-revision-hash';

/** Returns the owner whose earlier digests `pod` uses; the same key as in its `PodRecord` once it is stored. */
export function ownerOf(pod: unknown): Owner | null {
  const metadata = fields(fields(pod)['metadata']);
  const controller = controllerOf(metadata);
  if (!controller) return null;
  const { kind, name, uid } = controller;
  if (ownersByUid.has(kind)) return { kind, name, uid };
  const revision = entry(metadata['labels'], revisionLabel) ?? '';
  return ownersByRevision.has(kind) && revision !== ''
    ? { kind, name, uid: revisionUid(uid, revision) }
    : null;
}

/** Returns `Owner.uid` for the pods of this revision. */
export function revisionUid(uid: string, revision: string): string {
  return `${uid}/${revision}`;
}

/** Returns the UID of the object, whatever the revision. */
export function uidWithoutRevision({ uid }: Pick<Owner, 'uid'>): string {
  const [object = ''] = uid.split('/', 1);
  return object;
}

// The API server does not limit the length of these fields, and each pod's is kept.
const maxPart = 253;

/** Returns the owner reference with `controller: true`; null if there is none. */
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
