/** Servers that mean harm, byte by byte: every answer of theirs is a failure in time, and costs the next one nothing. */
import { describe, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { authority } from '../../../kit/fakes/certificates.ts';
import { recordingProxy } from '../../../kit/fakes/recording-proxy.ts';
import {
  alice,
  ask,
  client,
  closing,
  endpoint,
  failureOf,
  latest,
  lines,
  listening,
  served,
  serving,
  trusting,
} from './asking.ts';

const body = '{"schemaVersion":2}';
const ok = (content: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`;

/** A server that answers every request with these bytes, whatever they are. */
async function answering(answer: string | ((socket: Socket) => void)): Promise<string> {
  const port = await listening((socket) =>
    socket.on('data', () => void (typeof answer === 'string' ? socket.write(answer) : answer(socket))),
  );
  return `http://127.0.0.1:${port}`;
}

/** Writes `unit` for as long as the other side takes it. */
const forEver = (socket: Socket, unit: string): void => {
  const chunk = unit.repeat(Math.ceil(16_384 / unit.length));
  const write = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
};

describe('what is not HTTP', () => {
  const wrong: Record<string, { answer: string; reason?: string }> = {
    'two lengths that differ': {
      answer: `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nContent-Length: 3\r\n\r\n${body}`,
      reason: 'Truncated',
    },
    'two lengths that do not': {
      answer: `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      reason: 'Truncated',
    },
    'a length, then chunks': {
      answer:
        'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      reason: 'Truncated',
    },
    'chunks, then a length': {
      answer:
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    },
    'a negative length': { answer: `HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n${body}` },
    'a length beyond all numbers': {
      answer: `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\n${body}`,
      reason: 'Truncated',
    },
    'a chunk of no length': { answer: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${body}` },
    'a chunk beyond all numbers': {
      answer: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'F'.repeat(20)}\r\n${body}`,
    },
    'a folded header': { answer: `HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n${body}` },
    'a zero byte in a header': { answer: `HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n${body}` },
    'bare line feeds': { answer: `HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}` },
    'a status of zero': { answer: 'HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n' },
    'a status of four digits': { answer: 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n' },
    'HTTP/2': { answer: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
    'no status line': { answer: `${body}\r\n` },
  };
  test.each(Object.entries(wrong))('%s', async (_title, { answer, reason = 'NotHttp' }) => {
    const origin = await answering(answer);
    const failure = await failureOf(client().manifest(endpoint(origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason });
  });

  test.each(['100 Continue', '101 Switching Protocols'])('%s, which nobody asked for', async (status) => {
    const origin = await answering(
      `HTTP/1.1 ${status}\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n${ok(body)}`,
    );
    expect((await failureOf(client().manifest(endpoint(origin), latest, ask()))).code).toBe('unavailable');
  });
});

describe('what does not end', () => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const endless: Record<string, { begin: string; unit: string }> = {
    headers: { begin: 'HTTP/1.1 200 OK\r\n', unit: 'X-A: b\r\n' },
    'a header': { begin: 'HTTP/1.1 200 OK\r\nX: ', unit: 'a' },
    'the status line': { begin: 'HTTP/1.1 200 ', unit: 'a' },
    'blank lines': { begin: '', unit: '\r\n' },
    'interim answers': { begin: '', unit: 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n' },
    'a chunk extension': { begin: `${chunked}1;`, unit: 'a' },
    'tiny chunks': { begin: chunked, unit: '1\r\na\r\n' },
    trailers: { begin: `${chunked}1\r\na\r\n0\r\n`, unit: 'X-A: b\r\n' },
  };
  test.each(Object.entries(endless))('%s: cut off, long before the time is up', async (_title, answer) => {
    let received = 0;
    const origin = await answering((socket) => {
      socket.on('close', () => (received = socket.bytesWritten));
      socket.write(answer.begin);
      forEver(socket, answer.unit);
    });
    const pratique = client({ maxManifestBytes: 65_536 });
    const asking = ask({ signal: AbortSignal.timeout(15_000) });
    const failure = await failureOf(pratique.manifest(endpoint(origin), latest, asking));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
    await pratique.close();
    expect(received).toBeLessThan(20_000_000);
  });

  test('interim answers are ignored while there are few', async () => {
    const origin = await answering(`${'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'.repeat(20)}${ok(body)}`);
    await expect(client().manifest(endpoint(origin), latest, ask())).resolves.toBeDefined();
  });

  test.each(['HTTP/1.1 200 OK\r\nX: ', 'HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 '])(
    'a byte at a time after %j: until the time is up',
    async (begin) => {
      const origin = await answering((socket) => {
        socket.write(begin);
        const dripping = setInterval(() => socket.write('a'), 20);
        socket.on('close', () => clearInterval(dripping));
      });
      const asking = ask({ signal: AbortSignal.timeout(200) });
      const failure = await failureOf(client().manifest(endpoint(origin), latest, asking));
      expect(failure).toMatchObject({ code: 'unavailable', reason: 'Timeout' });
    },
  );

  test('is cut off over TLS too', async () => {
    const ca = await authority();
    const port = await listening((socket) => socket.on('data', () => forEver(socket, '\r\n')));
    const secure = closing(await recordingProxy(port, await ca.leaf({ names: ['127.0.0.1'] })));
    const pratique = client({ maxManifestBytes: 65_536 });
    const asked = pratique.manifest(endpoint(`https://${secure.host}`, trusting(ca.cert)), latest, ask());
    expect(await failureOf(asked)).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
  });

  test.each(['http', 'https'])('over %s: each answer is measured by itself', async (scheme) => {
    const ca = await authority();
    const tls = await ca.leaf({ names: ['127.0.0.1'] });
    const headers = { ...served.headers, 'x-padding': 'a'.repeat(15_000) };
    const server = await serving(() => ({ ...served, headers }), scheme === 'https' ? { tls } : {});
    const pratique = client({ maxManifestBytes: 4_096 });
    // Together more than one answer may have.
    for (let time = 0; time < 100; time++)
      await pratique.head(endpoint(server.origin, trusting(ca.cert)), latest, ask());
    expect(server.connections).toBe(1);
  });

  test('a manifest of 7 MiB, its length told or not, is over the cap of 4', async () => {
    const big = Buffer.alloc(7 * 1024 * 1024, ' ');
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as const) {
      const server = await serving(() => ({ headers, body: big }));
      const failure = await failureOf(client().manifest(endpoint(server.origin), latest, ask()));
      expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge', status: 200 });
    }
  });
});

describe('an answer that nobody asked for', () => {
  test('right behind another is not taken for the next one', async () => {
    let asked = 0;
    const origin = await answering((socket) => socket.write(`${ok(`answer ${++asked}`)}${ok('smuggled')}`));
    const registry = client();
    for (const number of [1, 2, 3]) {
      const { body } = await registry.manifest(endpoint(origin), latest, ask());
      expect(Buffer.from(body).toString()).toBe(`answer ${number}`);
    }
  });

  test('while nothing is under way ends the connection', async () => {
    const connections: Socket[] = [];
    const origin = await answering((socket) => {
      connections.push(socket);
      socket.write(ok(`answer ${connections.length}`));
    });
    const registry = client();
    await registry.manifest(endpoint(origin), latest, ask());
    connections[0]?.write(ok('smuggled'));
    await new Promise((resolve) => connections[0]?.once('close', resolve));
    const { body } = await registry.manifest(endpoint(origin), latest, ask());
    expect(Buffer.from(body).toString()).toBe('answer 2');
  });

  test('a body after HEAD is not taken for it either', async () => {
    let asked = 0;
    const origin = await answering((socket) => socket.write(ok(`answer ${++asked}`)));
    const registry = client();
    await registry.head(endpoint(origin), latest, ask());
    const { body } = await registry.manifest(endpoint(origin), latest, ask());
    expect(Buffer.from(body).toString()).toBe('answer 2');
  });
});

describe('redirects', () => {
  test('of ten thousand the first few are followed', async () => {
    let hops = 0;
    const registry = await serving(() => ({ status: 302, headers: { location: `/${++hops}` } }));
    const failure = await failureOf(client().manifest(endpoint(registry.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'Redirect' });
    expect(registry.requests).toHaveLength(6);
  });

  test('between two hosts end', async () => {
    const one = await serving(() => ({ status: 307, headers: { location: other.origin } }));
    const other = await serving(() => ({ status: 307, headers: { location: one.origin } }));
    const failure = await failureOf(client().head(endpoint(one.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'Redirect' });
    expect(one.requests.length + other.requests.length).toBe(6);
  });

  test.each([
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    '//169.254.169.254/',
    '\\\\169.254.169.254\\latest',
    'http://registry.test@169.254.169.254/',
    'http://METADATA.google.internal./',
  ])('to %s lead to a metadata service', async (location) => {
    const registry = await serving(() => ({ status: 302, headers: { location } }));
    const failure = await failureOf(client().manifest(endpoint(registry.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(registry.requests).toHaveLength(1);
  });
});

describe('a challenge', () => {
  const challenging = (challenge: string | readonly string[]) =>
    serving(() => ({ status: 401, headers: { 'www-authenticate': challenge } }));

  test.each([
    'http://169.254.169.254/token',
    'http://[fe80::1]/token',
    'http://metadata.google.internal/',
    'http://[::ffff:a9fe:a9fe]/token',
  ])('to fetch a token from %s is refused', async (realm) => {
    const registry = await challenging(`Bearer realm="${realm}"`);
    const asking = ask({ with: [alice] });
    const failure = await failureOf(client().head(endpoint(registry.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(asking.tally.tokenRequests).toBe(0);
  });

  test('whose token server leads on to a metadata service, or in circles, is a failure', async () => {
    for (const location of ['http://169.254.169.254/', '/again']) {
      const tokens = await serving(() => ({ status: 302, headers: { location } }));
      const registry = await challenging(`Bearer realm="${tokens.origin}/"`);
      const failure = await failureOf(client().head(endpoint(registry.origin), latest, ask()));
      expect(failure.code).toBe('malformed');
      expect(tokens.requests.length).toBeLessThan(10);
    }
  });

  test.each<[string, string | readonly string[]]>([
    ['of one huge parameter', `Bearer realm="${'a'.repeat(15_000)}`],
    ['of thousands of schemes', 'a '.repeat(7_000)],
    ['of nothing but backslashes', `Bearer realm="${'\\'.repeat(15_000)}`],
    ['of nothing but commas', `Bearer ${','.repeat(15_000)}`],
    ['of blobs', `x ${'a'.repeat(7_000)}${'='.repeat(7_000)} ,`],
    ['on thousands of lines', Array.from({ length: 500 }, () => 'Digest x=1')],
  ])('%s is read in no time and leads nowhere', async (_title, challenge) => {
    const registry = await challenging(challenge);
    const began = performance.now();
    const failure = await failureOf(client().head(endpoint(registry.origin), latest, ask({ with: [alice] })));
    expect(['denied', 'malformed']).toContain(failure.code);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('larger than any header may be is a failure of its own', async () => {
    const origin = await answering(
      `HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm="${'a'.repeat(50_000)}"\r\n\r\n`,
    );
    const failure = await failureOf(client().head(endpoint(origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
  });

  test('asks for as many scopes as it likes, within the size of a header', async () => {
    const tokens = await serving(() => ({ status: 400 }));
    const scopes = Array.from({ length: 500 }, (_, index) => `r:${index}:p`).join(' ');
    const registry = await challenging(`Bearer realm="${tokens.origin}/",scope="${scopes}"`);
    const failure = await failureOf(client().head(endpoint(registry.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'denied', reason: 'Token' });
    expect(tokens.requests).toHaveLength(1);
  });
});

test('cookies are neither kept nor sent', async () => {
  const registry = await serving(() => ({ ...served, headers: { ...served.headers, 'set-cookie': 'a=b' } }));
  const pratique = client();
  for (let time = 0; time < 2; time++) await pratique.head(endpoint(registry.origin), latest, ask());
  expect(registry.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
});

test('names of headers that mean something to JavaScript mean nothing', async () => {
  const origin = await answering(
    `HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\n${ok(body).slice(17)}`,
  );
  expect(await client().manifest(endpoint(origin), latest, ask())).toMatchObject({ mediaType: null });
});

test('a failure leaves nothing behind that the next request could stumble over', async () => {
  let good = false;
  const port = await listening((socket) =>
    socket.on('data', () => void socket.write(good ? ok(body) : 'HTTP/1.1 000 x\r\n\r\nrubbish')),
  );
  const registry = client();
  const place = endpoint(`http://127.0.0.1:${port}`);
  for (let time = 0; time < 5; time++) await failureOf(registry.head(place, latest, ask()));
  good = true;
  await expect(registry.manifest(place, latest, ask())).resolves.toBeDefined();
});

test('the lines that a server saw are those of a client that means no harm', async () => {
  const registry = await serving(() => served);
  await client().head(endpoint(registry.origin), latest, ask());
  expect(lines(registry.requests)).toEqual(['HEAD /v2/library/nginx/manifests/latest -']);
  expect(Object.keys(registry.requests[0]?.headers ?? {}).sort()).toEqual([
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'user-agent',
  ]);
});
