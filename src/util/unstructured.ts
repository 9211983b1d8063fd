/** Reading objects of unknown shape: what is missing or of another type reads as empty. It checks nothing and never throws. */

export type Fields = Readonly<Record<string, unknown>>;

const none: Fields = Object.freeze({});

/** The members of an object; of anything else, none. */
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

/** One label or annotation; undefined when it is absent or no string. */
export function entry(map: unknown, key: string): string | undefined {
  const values = fields(map);
  // Own members only: `constructor` is no annotation.
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
