/** Content encodings undone from the last to the first, as containerd's fetcher does it. Asked for `identity`, some registries compress nevertheless. */
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
  /** All bytes at once. */
  readonly undo: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;
  readonly stream: () => Duplex;
}

// A frame may ask for a window of 128 MiB, however little is in it; as a content encoding it may not (RFC 9659).
const window: ZstdOptions = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };
const unzstd = promisify<Uint8Array, ZstdOptions, Buffer>(zstdDecompress);
// Input that ends early is for the reader to judge, who knows how many bytes there must be.
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
// Nobody sends more than one; each more is work that a hostile server has us do.
const maxEncodings = 3;

/** The encodings that an answer declares, in the order of their application. Throws `malformed` for one that is not known. */
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

/** At most `max` bytes. Throws `malformed`: an encoding that is not known, a body that is not so encoded, too large a result. */
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

/** Streams that undo the encodings of an answer in turn. `failed` is told of the first one that is not what it should be. */
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
