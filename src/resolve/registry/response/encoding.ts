/**
 * Decoders of content encodings, applied from the last to the first as in containerd's fetcher. Some registries compress
 * although `identity` was requested.
 */
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import {
  constants,
  createGunzip,
  createInflateRaw,
  createZstdDecompress,
  gunzip,
  inflateRaw,
  type ZstdOptions,
  zstdDecompress,
} from 'node:zlib';
import { clean } from '../../../util/text/text.ts';
import { RegistryError } from '../error.ts';
import { header, type Reply } from './reply.ts';

interface Decoder {
  /** Decodes all bytes at once. */
  readonly undo: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;
  readonly stream: () => Duplex;
}

// 8 MiB, the limit of RFC 9659 for a content encoding; a small zstd frame may request a window of 128 MiB.
const window: ZstdOptions = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };
const unzstd = promisify<Uint8Array, ZstdOptions, Buffer>(zstdDecompress);
// Truncated input is not an error here, because the caller knows how many bytes there must be.
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', { undo: promisify(gunzip), stream: () => createGunzip(lenient) }],
  ['deflate', { undo: promisify(inflateRaw), stream: () => createInflateRaw(lenient) }],
  [
    'zstd',
    {
      undo: (bytes, options) => unzstd(bytes, { ...window, ...options }),
      stream: () => createZstdDecompress({ ...window, finishFlush: constants.ZSTD_e_flush }),
    },
  ],
]);
// 3: real registries send one, and a hostile server could cause much work with more.
const maxEncodings = 3;

/**
 * Returns the encodings that a response declares, in the order of their application. Throws `malformed` for an unknown one.
 */
export function encodingsOf(reply: Reply): readonly string[] {
  const encodings = (header(reply, 'content-encoding') ?? '')
    .split(/[, \t]+/)
    .map((name) => name.toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const odd = encodings.find((name) => !decoders.has(name));
  if (odd !== undefined) throw wrong(reply, `the content encoding "${clean(odd, 64)}" is not supported`);
  if (encodings.length > maxEncodings) throw wrong(reply, `more than ${maxEncodings} content encodings`);
  return encodings;
}

/** Decodes to at most `max` bytes. Throws `malformed` for an unknown encoding, invalid data, or a too large result. */
export async function undoEncodings(bytes: Uint8Array, reply: Reply, max: number): Promise<Uint8Array> {
  let body = bytes;
  for (const name of encodingsOf(reply).toReversed()) {
    try {
      body = (await decoders.get(name)?.undo(body, { maxOutputLength: max })) ?? body;
    } catch (error) {
      throw wrong(reply, `the body is not ${name} of at most ${max} bytes`, error);
    }
  }
  return body;
}

/**
 * Returns the streams that undo the encodings in turn. `failed` is called with the error of a stream whose input is invalid.
 */
export function decodingStreams(
  encodings: readonly string[],
  reply: Reply,
  failed: (error: RegistryError) => void,
): readonly Duplex[] {
  return encodings.toReversed().flatMap((name) => {
    const stream = decoders.get(name)?.stream();
    stream?.on('error', (error) => failed(wrong(reply, `the body is not ${name}`, error)));
    return stream ? [stream] : [];
  });
}

function wrong(reply: Reply, message: string, cause?: unknown): RegistryError {
  return new RegistryError('malformed', `${reply.where}: ${message}`, {
    reason: 'ContentEncoding',
    status: reply.status,
    cause,
  });
}
