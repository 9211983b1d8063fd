/**
 * Accessors for objects of unknown shape (Kubernetes' `unstructured`). They never throw: a member that is
 * missing or has another type reads as empty.
 */

export type Fields = Readonly<Record<string, unknown>>;

const none: Fields = Object.freeze({});

/** Returns the members of an object, and no members for any other value. */
export function fields(value: unknown): Fields {
  return isObject(value) ? value : none;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Returns one label or annotation, and undefined if it is absent or not a string. */
export function entry(map: unknown, key: string): string | undefined {
  const values = fields(map);
  // `Object.hasOwn` excludes inherited members such as `constructor`, which are not annotations.
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
