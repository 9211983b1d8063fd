/** The library that makes certificates, loaded when the first one is made: it costs start-up time, and a polyfill goes before it. */
import type * as X509 from '@peculiar/x509';

/** The same module every time. */
export async function loadX509(): Promise<typeof X509> {
  await import('./reflect.ts');
  return import('@peculiar/x509');
}
