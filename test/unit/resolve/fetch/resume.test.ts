import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { Answer, Recorded } from '../../../kit/fakes/scripted-registry.ts';
import { endpoint, listening, serving } from '../registry/asking.ts';
import { bytesOf, contentOf, fetchFailure, fetching } from './fetching.ts';

const body = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');

function rest({ headers }: Recorded, whole = body): { offset: number; answer: Answer } {
  const offset = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (headers.range === undefined) return { offset: 0, answer: { body: whole } };
  const range = `bytes ${offset}-${whole.length - 1}/${whole.length}`;
  return {
    offset,
    answer: { status: 206, headers: { 'content-range': range }, body: whole.subarray(offset) },
  };
}

test('a stream that breaks after every byte is resumed until it is whole', async () => {
  const server = await serving((request) => {
    const { offset, answer } = rest(request);
    return offset === body.length - 1 ? answer : { ...answer, cutAfter: 1 };
  });
  const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
  expect(await bytesOf(fetcher.stream(contentOf(body)))).toEqual(body);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([
    undefined,
    ...Array.from({ length: body.length - 1 }, (_, index) => `bytes=${index + 1}-`),
  ]);
});

test.each(Array.from({ length: body.length }, (_, at) => at))(
  'a stream that breaks once after byte %d is whole in the end',
  async (at) => {
    let isFirst = true;
    const server = await serving((request) => {
      const { answer } = rest(request);
      const cut = isFirst ? { cutAfter: at } : {};
      isFirst = false;
      return { ...answer, ...cut };
    });
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    expect(await bytesOf(fetcher.stream(contentOf(body)))).toEqual(body);
    expect(server.requests.length).toBe(2);
  },
);

test('a break without progress is borne three times', async () => {
  const server = await serving((request) => ({ ...rest(request).answer, cutAfter: 0 }));
  const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
  expect(await fetchFailure(fetcher.verify(contentOf(body)))).toMatchObject({
    code: 'unavailable',
    reason: 'ConnectionReset',
  });
  expect(server.requests.length).toBe(4);
});

test('after a break the first endpoint is asked again, and the next one where it fails', async () => {
  const first = await serving(({ headers }) =>
    headers.range === undefined ? { body, cutAfter: 10 } : { status: 500 },
  );
  const second = await serving((request) => rest(request).answer);
  const { fetcher } = fetching({ endpoints: [endpoint(first.origin), endpoint(second.origin)] });
  const { source } = await fetcher.verify(contentOf(body));
  expect(source).toBe(`${second.origin}/v2`);
  expect(first.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=10-']);
  expect(second.requests.map(({ headers }) => headers.range)).toEqual(['bytes=10-']);
});

describe('an encoded body that breaks', () => {
  const large = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * index) % 251));
  const encoded = gzipSync(large);

  test('is asked for from the beginning, without Range', async () => {
    let isFirst = true;
    const server = await serving(() => {
      const cut = isFirst ? { cutAfter: Math.floor(encoded.length / 2) } : {};
      isFirst = false;
      return { body: encoded, headers: { 'content-encoding': 'gzip' }, ...cut };
    });
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    expect((await bytesOf(fetcher.stream(contentOf(large)))).equals(large)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  test('is asked for from the beginning when only the rest comes encoded', async () => {
    const server = await serving(({ headers }) => {
      if (headers.range === undefined)
        return server.requests.length === 1 ? { body: large, cutAfter: 10 } : { body: large };
      return { status: 206, headers: { 'content-encoding': 'gzip' }, body: gzipSync(large.subarray(10)) };
    });
    const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
    expect((await bytesOf(fetcher.stream(contentOf(large)))).equals(large)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range?.startsWith('bytes='))).toEqual([
      undefined,
      true,
      undefined,
    ]);
  });
});

test('a body that falls silent in the middle has broken, and is resumed', async () => {
  const heads: string[] = [];
  const port = await listening((socket) => {
    socket.once('data', (head) => {
      heads.push(/^range: (.*)$/im.exec(head.toString())?.[1] ?? '-');
      const [from, status] = heads.length === 1 ? [0, '200 OK'] : [5, '206 Partial Content'];
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: ${body.length - from}\r\n\r\n`);
      socket.write(heads.length === 1 ? body.subarray(0, 5) : body.subarray(from));
    });
  });
  const { fetcher } = fetching({ endpoints: [endpoint(`http://127.0.0.1:${port}`)], stallMs: 50 });
  expect(await bytesOf(fetcher.stream(contentOf(body)))).toEqual(body);
  expect(heads).toEqual(['-', 'bytes=5-']);
});

test('a reader that leaves early ends the connection', async () => {
  const large = Buffer.alloc(4 * 1024 * 1024);
  const server = await serving(() => ({ body: large }));
  const { fetcher } = fetching({ endpoints: [endpoint(server.origin)] });
  for await (const chunk of fetcher.stream(contentOf(large))) {
    expect(chunk.byteLength).toBeGreaterThan(0);
    break;
  }
  const again = fetching({ endpoints: [endpoint(server.origin)] });
  await again.fetcher.verify(contentOf(large));
  expect(server.requests.length).toBe(2);
});

test('a cancelled fetch ends at once and asks nobody else', async () => {
  const first = await serving(() => ({ fault: 'silence' }));
  const second = await serving(() => ({ body }));
  const controller = new AbortController();
  const endpoints = [endpoint(first.origin), endpoint(second.origin)];
  const { fetcher } = fetching({ endpoints, signal: controller.signal });
  const failing = fetchFailure(fetcher.verify(contentOf(body)));
  while (first.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  expect((await failing).code).toBe('unavailable');
  expect(second.requests).toEqual([]);
});
