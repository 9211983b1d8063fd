import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type RequestBody,
  type BodyLimits,
  BodyReader,
} from '../../../../../src/serve/http/limits/body-reader.ts';

let close = () => {};
afterEach(() => close());

/** A server that answers with the result of its reader, and a client that can leave a body unfinished. */
const generous: BodyLimits = {
  body: 10,
  small: 2,
  smallBudget: 100,
  largeBudget: 100,
  peerBudget: 100,
  timeMs: 60_000,
};

async function reading(limits: Partial<BodyLimits>) {
  const reader = new BodyReader({ ...generous, ...limits });
  const server = createServer((incoming, response) =>
    reader.read(incoming, (body) => response.end(Buffer.isBuffer(body) ? `read ${body.toString()}` : body)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  close = () => server.close().closeAllConnections();
  return (first: string, localAddress = '127.0.0.1') => {
    const answer = Promise.withResolvers<string>();
    const outgoing = request(
      { host: '127.0.0.1', port, method: 'POST', agent: false, localAddress },
      (response) => {
        response.setEncoding('utf8').once('data', answer.resolve);
      },
    );
    outgoing.on('error', answer.reject);
    outgoing.write(first);
    return {
      answer: answer.promise,
      end: (last: string) => outgoing.end(last),
      leave: () => outgoing.destroy(),
    };
  };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('BodyReader', () => {
  test('joins chunks', async () => {
    const post = await reading({});
    const one = post('12345');
    await tick();
    one.end('67890');
    expect(await one.answer).toBe('read 1234567890');
  });

  test('counts the bytes of a body without a Content-Length', async () => {
    const post = await reading({});
    const one = post('1234567890');
    await tick();
    one.end('1');
    expect(await one.answer).toBe('too-large' satisfies RequestBody);
  });

  test('evicts the oldest unfinished large body when the budget for all is exceeded', async () => {
    const post = await reading({ largeBudget: 15 });
    const oldest = post('1234567890');
    await tick();
    const newer = post('1234567890');
    expect(await oldest.answer).toBe('evicted' satisfies RequestBody);
    newer.end('');
    expect(await newer.answer).toBe('read 1234567890');
  });

  test('evicts a body of the peer that exceeds its budget and none of another peer', async () => {
    const post = await reading({ peerBudget: 15 });
    const other = post('1234567890', '127.0.0.2');
    await tick();
    const oldest = post('1234567890');
    await tick();
    const newer = post('1234567890');
    expect(await oldest.answer).toBe('evicted' satisfies RequestBody);
    for (const body of [other, newer]) {
      body.end('');
      expect(await body.answer).toBe('read 1234567890');
    }
  });

  test('evicts a body of the peer with the most bytes when the budget for all is exceeded', async () => {
    const post = await reading({ largeBudget: 25 });
    const honest = post('12345', '127.0.0.2');
    await tick();
    const greedy = post('1234567890');
    await tick();
    const second = post('1234567890');
    await tick();
    const third = post('123', '127.0.0.3');
    expect(await greedy.answer).toBe('evicted' satisfies RequestBody);
    for (const [body, text] of [
      [honest, '12345'],
      [second, '1234567890'],
      [third, '123'],
    ] as const) {
      body.end('');
      expect(await body.answer).toBe(`read ${text}`);
    }
  });

  test('small bodies are read while large ones fill their budget', async () => {
    const post = await reading({ largeBudget: 10, smallBudget: 2 });
    const held = post('1234567890');
    await tick();
    const small = post('1');
    small.end('2');
    expect(await small.answer).toBe('read 12');
    held.end('');
    expect(await held.answer).toBe('read 1234567890');
  });

  test('evicts a body that is not complete in time', async () => {
    const post = await reading({ timeMs: 50 });
    expect(await post('123').answer).toBe('late' satisfies RequestBody);
    expect(await post('456').answer).toBe('late' satisfies RequestBody);
  });

  test('a client that leaves returns its share of the budget', async () => {
    const post = await reading({ largeBudget: 15 });
    const held = post('1234567890');
    held.answer.catch(() => undefined);
    await tick();
    held.leave();
    await tick();
    const next = post('1234567890');
    await tick();
    const last = post('12345');
    last.end('');
    expect(await last.answer).toBe('read 12345');
    next.end('');
    expect(await next.answer).toBe('read 1234567890');
  });
});
