/** The webhook's certificates as clients see them: its own, and files that change while it serves. */
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Webhook } from '../kit/pratique/admission-client.ts';
import { type Authority, authority, expiredLeaf, type KeyPair } from '../kit/fakes/certificates.ts';
import { pod } from '../kit/fakes/pods.ts';
import { reviewOf, send } from '../kit/pratique/admission.ts';
import { pratique } from '../kit/pratique/command.ts';
import { listeners, type NodeFiles, nodeFiles } from './support/node-files.ts';
import { type Server, startServer } from '../kit/pratique/server.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

// Answered without a registry.
const review = reviewOf(pod('web').container('scratch').build());

/** The certificate that a new connection gets; rejects when it does not verify for `name`. */
function certificateOf({ port, ca }: Webhook, name: string): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: name }, () => {
      resolve(socket.getPeerCertificate());
      socket.end();
    });
    socket.on('error', reject);
  });
}

describe('a certificate of its own', () => {
  let server: Server;
  beforeAll(async () => {
    const node = cleanup.use(await nodeFiles());
    server = cleanup.use(await startServer(node.configuration));
  });

  test('verifies against the caBundle in the log, and its end is a metric', async () => {
    const certificate = await certificateOf(server, 'localhost');
    const told = await server.metric('pratique_certificate_expiry_timestamp_seconds');
    expect(told).toBe(Date.parse(certificate.valid_to) / 1000);
    expect(Date.parse(String((await server.event('certificate-loaded'))['notAfter'])) / 1000).toBe(told);
  });

  test('does not verify for a name that it was not made for', async () => {
    await expect(certificateOf(server, 'elsewhere.test')).rejects.toThrow(
      "does not match certificate's altnames",
    );
  });

  test('does not verify against another CA, and those who do not trust it are counted', async () => {
    const failures = () => server.metric('pratique_tls_handshake_failures_total');
    const before = await failures();
    const other = await authority();
    await expect(certificateOf({ ...server, ca: other.cert }, 'localhost')).rejects.toThrow('certificate');
    // The client's alert is on its way.
    while ((await failures()) === before) await sleep(20);
    // Not one more exactly: the client of the test before may have taken its time.
    expect(await failures()).toBeGreaterThan(before);
  });
});

describe('a certificate from files', () => {
  let ca: Authority;
  let node: NodeFiles;
  let server: Server;
  const written: KeyPair[] = [];

  const take = async (pair: KeyPair) => {
    written.push(pair);
    await node.write('tls.crt', pair.cert);
    await node.write('tls.key', pair.key);
  };
  /** The `subject` of a certificate is its first name: names tell them apart. */
  const served = async () => (await certificateOf(server, 'pratique.test')).subject.CN;

  beforeAll(async () => {
    ca = await authority();
    const tls = { mode: 'files', cert: 'tls.crt', key: 'tls.key' };
    const webhook = { ...listeners.webhook, tls };
    node = cleanup.use(await nodeFiles({}, { server: { ...listeners, webhook } }));
    await take(await ca.leaf({ names: ['first.test', 'pratique.test', '127.0.0.1'] }));
    server = cleanup.use(await startServer(node.configuration, ca.cert));
  });

  test('a new pair is taken while connections stay open', async () => {
    expect(await served()).toBe('first.test');
    await using agent = keepAlive();
    const before = await send(server, '/validate', review, agent);
    await take(await ca.leaf({ names: ['second.test', 'pratique.test', '127.0.0.1'] }));
    await server.event('certificate-loaded', 2);
    expect(await served()).toBe('second.test');
    const after = await send(server, '/validate', review, agent);
    expect([before.status, after.status]).toEqual([200, 200]);
    expect(agent.connections).toBe(1);
  });

  test('a bad pair is refused and counted, and the old one stays', async () => {
    const [one, other] = [
      await ca.leaf({ names: ['pratique.test'] }),
      await ca.leaf({ names: ['pratique.test'] }),
    ];
    await take({ cert: one.cert, key: other.key });
    const refused = await server.event('certificate-rejected');
    expect(refused).toMatchObject({
      level: 'error',
      error: expect.stringContaining('does not belong to the certificate'),
    });
    expect(await server.metric('pratique_certificate_reloads_total{outcome="failure"}')).toBe(1);
    expect(await served()).toBe('second.test');
  });

  test('no key was ever told', () => {
    const said = JSON.stringify(server.log) + server.stderr;
    for (const { key } of written)
      for (const line of key.split('\n').slice(1, -2)) expect(said).not.toContain(line);
  });
});

test.each([
  ['files that are not there', null, 'cannot be read (ENOENT)'],
  ['a certificate that ended', 'expired', 'the certificate expired on'],
  ['no certificate at all', 'nonsense', 'not a PEM certificate'],
])('it does not start with %s: status 1', async (_, kind, words) => {
  const tls = { mode: 'files', cert: 'tls.crt', key: 'tls.key' };
  const server = { ...listeners, webhook: { ...listeners.webhook, tls } };
  const node = cleanup.use(await nodeFiles({}, { server }));
  const pair = await expiredLeaf(await authority(), ['pratique.test']);
  if (kind !== null) {
    await node.write('tls.crt', kind === 'expired' ? pair.cert : 'nonsense');
    await node.write('tls.key', pair.key);
  }
  const { status, stdout } = await pratique(['serve', '--config', node.configuration]);
  expect(status).toBe(1);
  expect(stdout).toContain(words);
  expect(stdout).toContain(`${node.folder}/tls.crt`);
});

/** One connection for all that is sent through it. */
function keepAlive() {
  let connections = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    connections++;
    return create(...args);
  };
  return {
    agent,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(agent.destroy()),
  };
}
