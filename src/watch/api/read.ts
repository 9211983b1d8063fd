/** An ImageInspection as the API server gives it, reduced to what is kept of thousands. Tolerant: what another version wrote is passed over. */
import { type Fields, fields, isObject, text } from '../../util/unstructured.ts';
import { managedBy, managedByLabel } from './names.ts';
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
  /** Made by the controller, which may remove it; else by a person. */
  readonly isManaged: boolean;
  readonly isBeingDeleted: boolean;
  readonly spec: Spec;
  /** null: never inspected, or not to be read. */
  readonly status: Status | null;
}

/** null: it names no image. */
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
    spec,
    status: readStatus(object['status']),
  };
}

function readSpec(spec: Fields): Spec | null {
  return (
    specSchema.safeParse(spec).data ?? specSchema.safeParse(readable(spec, specSchema.shape)).data ?? null
  );
}

/** null: a member is missing without which there is no status. */
export function readStatus(status: unknown): Status | null {
  if (!isObject(status)) return null;
  const read = statusSchema.safeParse(status).data;
  return read ?? statusSchema.safeParse(readable(status, statusSchema.shape)).data ?? null;
}

interface Member {
  safeParse(value: unknown): { readonly success: boolean };
}

/** The members that can be read, one by one: one that cannot does not take the others along. */
function readable(object: Fields, shape: Readonly<Record<string, Member>>): Fields {
  const kept = Object.entries(shape).filter(([name, schema]) => schema.safeParse(object[name]).success);
  return Object.fromEntries(
    kept.flatMap(([name]) => (object[name] === undefined ? [] : [[name, object[name]]])),
  );
}
