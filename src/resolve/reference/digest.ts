/** Digests `algorithm:hex`, validated once when they are read, by the rules of opencontainers/go-digest. */
import { hash } from 'node:crypto';
import { clean } from '../../util/text/text.ts';

declare const digestBrand: unique symbol;

/** A digest whose form, algorithm (sha256, sha512), length and lower-case hex have been checked. */
export type Digest = string & { readonly [digestBrand]: true };

export type DigestAlgorithm = 'sha256' | 'sha512';

const hexLength = { sha256: 64, sha512: 128 } as const satisfies Record<DigestAlgorithm, number>;
// Known algorithms are validated more strictly. This pattern separates an unknown algorithm from a text that is not a digest.
const anyDigest = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/**
 * Error for a text that is not a digest because of its form or characters, its length, or an algorithm other than sha256 and
 * sha512.
 */
export class InvalidDigest extends Error {
  override readonly name = 'InvalidDigest';
  readonly code: 'Format' | 'Length' | 'Unsupported';
  constructor(code: InvalidDigest['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Validates a digest. Throws `InvalidDigest`. */
export function parseDigest(text: string): Digest {
  const flaw = flawOf(text);
  if (flaw === null) return text as Digest;
  switch (flaw) {
    case 'Format':
      throw malformed(text);
    case 'Length':
      throw wrongLength(text);
    case 'Unsupported':
      throw unsupported(text);
    default:
      throw flaw satisfies never;
  }
}

/** Returns true if `parseDigest` accepts `text`. It creates no error object, because it runs for every image of every pod. */
export function isDigest(text: string): text is Digest {
  return flawOf(text) === null;
}

function flawOf(text: string): InvalidDigest['code'] | null {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon + 1 === text.length) return 'Format';
  const algorithm = text.slice(0, colon);
  if (!isAlgorithm(algorithm)) return anyDigest.test(text) ? 'Unsupported' : 'Format';
  const encoded = text.slice(colon + 1);
  // The length is checked before the characters, as in go-digest: a truncated digest is the more likely mistake.
  if (Buffer.byteLength(encoded) !== hexLength[algorithm]) return 'Length';
  return /^[0-9a-f]+$/.test(encoded) ? null : 'Format';
}

export function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): Digest {
  return `${algorithm}:${hash(algorithm, bytes, 'hex')}` as Digest;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm;
}

/** Returns the hexadecimal digits after the colon. */
export function encodedOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Returns the digest with twelve hexadecimal digits, which distinguish it sufficiently in messages. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':') + 13);
}

/** Returns true if `bytes` have this digest by its own algorithm. */
export function matchesDigest(digest: Digest, bytes: Uint8Array): boolean {
  return digestOf(algorithmOf(digest), bytes) === digest;
}

function isAlgorithm(text: string): text is DigestAlgorithm {
  return text === 'sha256' || text === 'sha512';
}

function malformed(text: string): InvalidDigest {
  return new InvalidDigest(
    'Format',
    `"${clean(text)}" is not a digest: write sha256: and 64 lower-case hexadecimal digits`,
  );
}

function unsupported(text: string): InvalidDigest {
  return new InvalidDigest('Unsupported', `digest "${clean(text)}": only sha256 and sha512 are supported`);
}

function wrongLength(text: string): InvalidDigest {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, colon) as DigestAlgorithm;
  const wanted = `a ${algorithm} digest has ${hexLength[algorithm]} hexadecimal digits`;
  return new InvalidDigest('Length', `digest "${clean(text)}": ${wanted}, not ${text.length - colon - 1}`);
}
