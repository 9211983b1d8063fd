/** Typed accessors for hostile JSON. As in Go's decoder, a null member counts as absent and one of another type is an error. */
import { isTooDeep } from '../../document/json-depth.ts';
import { clean } from '../../util/text/text.ts';
import { ManifestError } from './error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a body. Throws `NotJson`, `NotAManifest`, or `Malformed` if it nests deeper than any manifest. */
export function parseObject(body: Uint8Array): JsonObject {
  if (isTooDeep(body)) throw new ManifestError('Malformed', 'the body nests too deep');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw new ManifestError('NotJson', 'the body is not JSON', { cause });
  }
  if (!isObject(value)) throw new ManifestError('NotAManifest', 'the body is not a JSON object');
  return value;
}

/** Returns the member; '' if absent. */
export function stringMember(object: JsonObject, name: string): string {
  const value = member(object, name);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw wrongType(name, 'a string');
  return value;
}

/** Returns the member; 0 if absent. */
export function quantity(object: JsonObject, name: string): number {
  const value = member(object, name);
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrongType(name, 'a size');
  return value;
}

/** Returns the member; null if absent. */
export function object(object: JsonObject, name: string): JsonObject | null {
  const value = member(object, name);
  if (value === undefined) return null;
  if (!isObject(value)) throw wrongType(name, 'an object');
  return value;
}

/** Returns the member; [] if absent. Throws `TooMany` for more than `max` elements. */
export function list(object: JsonObject, name: string, max: number): readonly unknown[] {
  const value = member(object, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongType(name, 'a list');
  if (value.length > max) throw new ManifestError('TooMany', `"${clean(name)}" has more than ${max} entries`);
  return value;
}

export function stringMembers(object: JsonObject, name: string, max: number): readonly string[] {
  return list(object, name, max).map((each) => {
    if (typeof each !== 'string') throw wrongType(name, 'a list of strings');
    return each;
  });
}

export function objects(object: JsonObject, name: string, max: number): readonly JsonObject[] {
  return list(object, name, max).map((each) => {
    if (!isObject(each)) throw wrongType(name, 'a list of objects');
    return each;
  });
}

/** Returns true if the member exists and is not null. */
export function has(object: JsonObject, name: string): boolean {
  return member(object, name) !== undefined;
}

/** Returns an own member only, so that a name such as `__proto__` is not inherited. */
function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(name: string, wanted: string): ManifestError {
  return new ManifestError('Malformed', `"${clean(name)}" is not ${wanted}`);
}
