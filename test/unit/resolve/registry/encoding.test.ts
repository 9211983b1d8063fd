import { describe, expect, test } from '@jest/globals';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import { ask, client, endpoint, failureOf, serving } from './asking.ts';

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
    ['X-GZIP', gzipSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['gzip, zstd', zstdCompressSync(gzipSync(plain))],
    ['zstd , identity, deflate', deflateRawSync(zstdCompressSync(plain))],
  ])('%s is undone, the last first', async (encoding, body) => {
    expect(Buffer.from(await fetched(encoding, body)).equals(plain)).toBe(true);
  });

  test('another one is named', async () => {
    const failure = await failureOf(fetched('br', plain));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ContentEncoding' });
    expect(failure.message).toContain('"br"');
  });

  test('a tower of them is not climbed', async () => {
    const failure = await failureOf(fetched('gzip, gzip, gzip, gzip', plain));
    expect(failure.reason).toBe('ContentEncoding');
  });
});
