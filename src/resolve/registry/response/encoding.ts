/** Content encodings undone from the last to the first, as containerd's fetcher does it. Asked for `identity`, some registries compress nevertheless. */
import { promisify } from 'node:util';
import { constants, gunzip, inflateRaw, type ZstdOptions, zstdDecompress } from 'node:zlib';
import { clean } from '../../../util/text/text.ts';
import { RegistryError } from '../error.ts';
import { header, type Reply } from './reply.ts';

type Decoder = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

// A frame may ask for a window of 128 MiB, however little is in it; as a content encoding it may not (RFC 9659).
const window: ZstdOptions = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };
const unzstd = promisify<Uint8Array, ZstdOptions, Buffer>(zstdDecompress);

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflateRaw)],
  ['zstd', (bytes, options) => unzstd(bytes, { ...window, ...options })],
]);
// Nobody sends more than one; each more is work that a hostile server has us do.
const maxEncodings = 3;

/** At most `max` bytes. Throws `malformed`: an encoding that is not known, a body that is not so encoded, too large a result. */
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
      throw odd(reply, `the body is no ${name} of at most ${max} bytes`, error);
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
