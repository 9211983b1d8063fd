/** Decodes content encodings from the last to the first, as containerd's fetcher does. Some registries compress although `identity` was requested. */
import { promisify } from 'node:util';
import { constants, gunzip, inflateRaw, type ZstdOptions, zstdDecompress } from 'node:zlib';
import { clean } from '../../../util/text/text.ts';
import { RegistryError } from '../error.ts';
import { header, type Reply } from './reply.ts';

type Decoder = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

// A small zstd frame may request a window of 128 MiB; RFC 9659 limits it to 8 MiB as a content encoding.
const window: ZstdOptions = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };
const unzstd = promisify<Uint8Array, ZstdOptions, Buffer>(zstdDecompress);

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflateRaw)],
  ['zstd', (bytes, options) => unzstd(bytes, { ...window, ...options })],
]);
// Real registries send one; a hostile server could cause work with more.
const maxEncodings = 3;

/** Decodes to at most `max` bytes. Throws `malformed` for an unknown encoding, invalid data, or a too large result. */
export async function undoEncodings(bytes: Uint8Array, reply: Reply, max: number): Promise<Uint8Array> {
  const encodings = (header(reply, 'content-encoding') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  let body = bytes;
  for (const name of encodings.reverse()) {
    const decode = encodings.length > maxEncodings ? undefined : decoders.get(name);
    if (!decode) throw odd(reply, `the content encoding "${clean(name, 64)}" is not supported`);
    try {
      body = await decode(body, { maxOutputLength: max });
    } catch (error) {
      throw odd(reply, `the body is not ${name} of at most ${max} bytes`, error);
    }
  }
  return body;
}

function odd(reply: Reply, message: string, cause?: unknown): RegistryError {
  return new RegistryError('malformed', `${reply.where}: ${message}`, {
    reason: 'ContentEncoding',
    status: reply.status,
    cause,
  });
}
