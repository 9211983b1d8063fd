/** The part of `reflect-metadata` that the container inside of @peculiar/x509 insists on; import it before that library. */
const metadata = new WeakMap<object, Map<unknown, unknown>>();
const get = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

// A polyfill of somebody else's stays: what was written into it has to be found again.
if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: get,
    getOwnMetadata: get,
    defineMetadata(key: unknown, value: unknown, target: object) {
      const own = metadata.get(target) ?? new Map<unknown, unknown>();
      metadata.set(target, own.set(key, value));
    },
  });
}
