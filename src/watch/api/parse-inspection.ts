/** Parser of ImageInspections from the API server, reduced to what the cache keeps. Tolerant: fields of other versions are skipped. */
import { entry, type Fields, fields, isObject, text } from '../../util/unstructured.ts';
import { limits } from './fields.ts';
import { inspectNowAnnotation, managedBy, managedByLabel } from './names.ts';
import { type Status, statusSchema } from './schema.ts';
import { type Spec, specSchema } from './spec.ts';

export interface ImageInspection {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** True if the controller created it and may delete it; false if a user did. */
  readonly isManaged: boolean;
  readonly isBeingDeleted: boolean;
  /** Value of the annotation `pratique.dev/inspect-now`, truncated; '' if it is missing. */
  readonly inspectNow: string;
  readonly spec: Spec;
  /** null if it was never inspected or its status is unreadable. */
  readonly status: Status | null;
}

/** Returns null if it does not name an image. */
export function readInspection(object: unknown): ImageInspection | null {
  if (!isObject(object)) return null;
  const metadata = fields(object['metadata']);
  const spec = readSpec(fields(object['spec']));
  const [namespace, name] = [text(metadata['namespace']), text(metadata['name'])];
  if (spec === null || namespace === '' || name === '') return null;
  return {
    namespace,
    name,
    uid: text(metadata['uid']),
    resourceVersion: text(metadata['resourceVersion']),
    generation: typeof metadata['generation'] === 'number' ? metadata['generation'] : 0,
    createdAt: Date.parse(text(metadata['creationTimestamp'])) || 0,
    isManaged: text(fields(metadata['labels'])[managedByLabel]) === managedBy,
    isBeingDeleted: text(metadata['deletionTimestamp']) !== '',
    inspectNow: (entry(metadata['annotations'], inspectNowAnnotation) ?? '').slice(0, limits.inspectNow),
    spec,
    status: readStatus(object['status']),
  };
}

function readSpec(spec: Fields): Spec | null {
  return (
    specSchema.safeParse(spec).data ??
    specSchema.safeParse(readableMembers(spec, specSchema.shape)).data ??
    null
  );
}

/** Returns null if a required field is missing. */
export function readStatus(status: unknown): Status | null {
  if (!isObject(status)) return null;
  const read = statusSchema.safeParse(status).data;
  return read ?? statusSchema.safeParse(readableMembers(status, statusSchema.shape)).data ?? null;
}

interface Member {
  safeParse(value: unknown): { readonly success: boolean };
}

/** Returns the readable fields: an invalid one does not discard the others. */
function readableMembers(object: Fields, shape: Readonly<Record<string, Member>>): Fields {
  const kept = Object.entries(shape).filter(([name, schema]) => schema.safeParse(object[name]).success);
  return Object.fromEntries(
    kept.flatMap(([name]) => (object[name] === undefined ? [] : [[name, object[name]]])),
  );
}
