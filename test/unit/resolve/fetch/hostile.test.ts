import { describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parseDigest } from '../../../../src/resolve/reference/digest.ts';
import { closing, endpoint, listening, serving } from '../registry/asking.ts';
import { bytesOf, contentOf, fetchFailure, fetching } from './fetching.ts';

const body = Buffer.from('content '.repeat(20));
const content = contentOf(body);

describe('a body that is not what its descriptor says', () => {
  test('has other bytes', async () => {
    const server = await serving(() => ({ body: Buffer.alloc(body.length, 'x') }));
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    const failure = await fetchFailure(fetcher.verify(content));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'DigestMismatch' });
  });

  test('never ends: one byte too many is enough to know', async () => {
    const server = await serving(() => ({ fault: 'endless' }));
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    let bytes = 0;
    const failure = await fetchFailure(fetcher.verify(content, (length) => void (bytes += length)));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
    expect(bytes).toBeLessThanOrEqual(body.length);
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateRawSync],
    ['zstd', zstdCompressSync],
    ['gzip, gzip, gzip', (bytes) => gzipSync(gzipSync(gzipSync(bytes)))],
  ])('is a bomb in %s', async (encoding, encode) => {
    const bomb = encode(Buffer.alloc(64 * 1024 * 1024));
    const server = await serving(() => ({ body: bomb, headers: { 'content-encoding': encoding } }));
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    const before = process.memoryUsage().rss;
    const failure = await fetchFailure(fetcher.verify(content));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('sends another digest in the same length from the mirror, and the upstream is not asked: nor would a node', async () => {
    const mirror = await serving(() => ({ body: Buffer.alloc(body.length, 'x') }));
    const upstream = await serving(() => ({ body }));
    const { fetcher } = fetching({ endpoints: [endpoint(mirror.origin), endpoint(upstream.origin)] });
    expect((await fetchFailure(fetcher.verify(content))).reason).toBe('DigestMismatch');
    expect(upstream.requests).toEqual([]);
  });
});

test('a head that does not end costs no more than its time', async () => {
  const port = await listening((socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 5);
    socket.on('close', () => clearInterval(timer));
  });
  const { fetcher } = fetching({ endpoints: [endpoint(`http://127.0.0.1:${port}`)], timeoutMs: 300 });
  expect((await fetchFailure(fetcher.verify(content))).code).toBe('unavailable');
});

test('chunk extensions without any content are a silence', async () => {
  const port = await listening((socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;');
    const timer = setInterval(() => socket.write('a'.repeat(1024)), 5);
    socket.on('close', () => clearInterval(timer));
  });
  const { fetcher } = fetching({ endpoints: [endpoint(`http://127.0.0.1:${port}`)], stallMs: 100 });
  const failure = await fetchFailure(fetcher.verify(content));
  expect(['unavailable', 'malformed']).toContain(failure.code);
});

test('content of gibibytes takes no more memory than that of megabytes', async () => {
  const chunk = randomBytes(256 * 1024);
  const chunks = 4 * Number(process.env['LAYER_MIB'] ?? 256);
  const hash = createHash('sha256');
  for (let index = 0; index < chunks; index++) hash.update(chunk);
  const server = createServer((_, response) => {
    response.setHeader('content-length', chunk.length * chunks);
    let left = chunks;
    const send = (): void => {
      while (left > 0) {
        left--;
        if (!response.write(chunk)) return void response.once('drain', send);
      }
      response.end();
    };
    send();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing({
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { fetcher } = fetching({ endpoints: [endpoint(origin)], timeoutMs: 600_000 });
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  const large = { ...content, digest, size: chunk.length * chunks };
  let peak = 0;
  const before = process.memoryUsage().rss;
  const found = await fetcher.verify(large, () => void (peak = Math.max(peak, process.memoryUsage.rss())));
  expect(found.bytes).toBe(large.size);
  // Buffers that the garbage collector has not taken yet are included; what is under way is some megabytes.
  expect(peak - before).toBeLessThan(192 * 1024 * 1024);
}, 600_000);

describe('content read whole', () => {
  test('is limited also where its size is not known', async () => {
    const server = await serving(() => ({ fault: 'endless' }));
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    const failure = await fetchFailure(fetcher.read({ ...content, size: null }, 1000));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
  });

  test('is not asked for when its descriptor is beyond the limit', async () => {
    const server = await serving(() => ({ body }));
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    const failure = await fetchFailure(fetcher.read({ ...content, size: 7 * 1024 * 1024 }, 4 * 1024 * 1024));
    expect(failure.reason).toBe('TooLarge');
    expect(server.requests).toEqual([]);
  });
});

test('the same stream at the size of its descriptor: a connection that breaks behind the last byte broke nothing', async () => {
  const longer = Buffer.concat([body, body]);
  const server = await serving(() => ({ body: longer, cutAfter: body.length }));
  const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
  expect(await bytesOf(fetcher.stream(content))).toEqual(body);
});
