/** References as people write them, and texts that are not references. */
import * as fc from 'fast-check';
import { type Digest, digestOf } from '../../../../src/resolve/reference/digest.ts';
import type { Reference } from '../../../../src/resolve/reference/reference.ts';
import { anyText } from '../../../kit/fakes/any-text.ts';

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const host = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', 'registry-1.docker.io', '[::1]', '127.0.0.1', 'Registry'),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,5}[a-z0-9]\.[a-z]{2,3}$/),
);
const domain = fc
  .tuple(host, fc.option(fc.integer({ min: 1, max: 65535 })))
  .map(([name, port]) => (port === null ? name : `${name}:${port}`));

export const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
export const digest: fc.Arbitrary<Digest> = fc
  .tuple(fc.constantFrom('sha256', 'sha512'), fc.uint8Array({ maxLength: 8 }))
  .map(([algorithm, bytes]) => digestOf(algorithm, bytes));

/** A reference such as `parseReference` makes. */
export const reference: fc.Arbitrary<Reference> = fc
  .record({ domain, path, tag: fc.option(tag), digest: fc.option(digest) })
  .map((parts) => ({ ...parts, path: ownPath(parts.domain, parts.path) }))
  .map((parts) => (parts.tag === null && parts.digest === null ? { ...parts, tag: 'latest' } : parts))
  .filter((parts) => parts.domain !== 'docker.io' || parts.path !== 'library/scratch');

/** Docker Hub has no repository without a namespace. */
function ownPath(domain: string, path: string): string {
  return domain === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
}

/** Mostly made of the characters that the grammar cares about. */
export const junk = fc.oneof(
  anyText({ maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'aA0.:/@_-[]\n sha256é'.split('')), maxLength: 60 }),
);
