import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type RequestBody, type BodyLimits, BodyReader } from '../../../../src/serve/http/body.ts';

let close = () => {};
afterEach(() => close());

/** A server that answers with what its reader said, and a client that may hold a body back. */
async function reading(limits: BodyLimits) {
  const reader = new BodyReader(limits);
  const server = createServer((incoming, response) =>
    reader.read(incoming, (body) => response.end(Buffer.isBuffer(body) ? `read ${body.toString()}` : body)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  close = () => server.close().closeAllConnections();
  return (first: string) => {
    const answer = Promise.withResolvers<string>();
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', agent: false }, (response) => {
      response.setEncoding('utf8').once('data', answer.resolve);
    });
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
    const post = await reading({ body: 10, budget: 100 });
    const one = post('12345');
    await tick();
    one.end('67890');
    expect(await one.answer).toBe('read 1234567890');
  });

  test('counts the bytes where there is no length', async () => {
    const post = await reading({ body: 10, budget: 100 });
    const one = post('1234567890');
    await tick();
    one.end('1');
    expect(await one.answer).toBe('too-large' satisfies RequestBody);
  });

  test('bodies held at once share one budget, and give it back', async () => {
    const post = await reading({ body: 10, budget: 15 });
    const held = post('1234567890');
    await tick();
    const second = post('1234567890');
    expect(await second.answer).toBe('too-much' satisfies RequestBody);
    second.end('');
    held.end('');
    expect(await held.answer).toBe('read 1234567890');
    const third = post('1234567890');
    third.end('');
    expect(await third.answer).toBe('read 1234567890');
  });

  test('a client that leaves gives its part back', async () => {
    const post = await reading({ body: 10, budget: 15 });
    const held = post('1234567890');
    held.answer.catch(() => undefined);
    await tick();
    held.leave();
    await tick();
    const next = post('1234567890');
    next.end('');
    expect(await next.answer).toBe('read 1234567890');
  });
});
