import { describe, expect, test } from '@jest/globals';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '../../../../../src/resolve/reference/digest.ts';
import { ask, client, endpoint, failureOf, serving } from '../asking.ts';

const plain = Buffer.from('{"architecture":"amd64"}'.repeat(50));
const digest = digestOf('sha256', plain);

async function fetched(encoding: string, body: Uint8Array): Promise<Uint8Array> {
  const server = await serving(() => ({ body, headers: { 'content-encoding': encoding } }));
  return client().blob(endpoint(server.origin), digest, 10_000, ask());
}

describe('content encodings', () => {
  test.each<[string, Uint8Array]>([
    ['identity', plain],
    ['gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['gzip, zstd', zstdCompressSync(gzipSync(plain))],
    ['zstd , identity, deflate', deflateRawSync(zstdCompressSync(plain))],
    ['gzip zstd\tdeflate', deflateRawSync(zstdCompressSync(gzipSync(plain)))],
    [' , ', plain],
  ])('%s is undone, the last first', async (encoding, body) => {
    expect(Buffer.from(await fetched(encoding, body)).equals(plain)).toBe(true);
  });

  test.each(['br', 'x-gzip', 'compress'])('%s, which nodes do not know, is named', async (encoding) => {
    const failure = await failureOf(fetched(encoding, gzipSync(plain)));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ContentEncoding' });
    expect(failure.message).toContain(`"${encoding}"`);
  });

  test('zstd with a window larger than 8 MiB, which costs memory before there is any content', async () => {
    /** A frame of one uncompressed block (RFC 8878 §3.1.1). */
    const frame = (windowLog: number) => {
      const block = Buffer.alloc(3);
      block.writeUIntLE(plain.length * 8 + 1, 0, 3);
      return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]), block, plain]);
    };
    expect(Buffer.from(await fetched('zstd', frame(23))).equals(plain)).toBe(true);
    expect((await failureOf(fetched('zstd', frame(27)))).reason).toBe('ContentEncoding');
  });

  test('a tower of them is not climbed', async () => {
    const failure = await failureOf(fetched('gzip, gzip, gzip, gzip', plain));
    expect(failure.reason).toBe('ContentEncoding');
  });
});
