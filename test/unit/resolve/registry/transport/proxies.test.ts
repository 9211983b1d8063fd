import { describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type ProxySettings, proxyFor } from '../../../../../src/resolve/registry/transport/proxies.ts';
import { authority } from '../../../../kit/fakes/certificates.ts';
import { recordingProxy } from '../../../../kit/fakes/recording-proxy.ts';
import {
  ask,
  client,
  closing,
  endpoint,
  failureOf,
  latest,
  listening,
  served,
  serving,
  trusting,
} from '../asking.ts';

const settings: ProxySettings = { https: 'http://secure:1', http: 'http://plain:1', noProxy: [] };

describe('which proxy', () => {
  test('by the scheme of the request', () => {
    expect(proxyFor(new URL('https://registry.test/'), settings)).toBe('http://secure:1');
    expect(proxyFor(new URL('http://registry.test/'), settings)).toBe('http://plain:1');
    expect(proxyFor(new URL('http://registry.test/'), { ...settings, http: null })).toBeNull();
  });

  test.each([
    'https://localhost:5000/',
    'https://x.localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://[::1]:5000/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/',
    'https://[fe80::1]/',
    'https://registry.kube-system.svc/',
    'https://registry.kube-system.svc:5000/',
    'https://registry.kube-system.svc.cluster.local/',
  ])('never one for %s', (url) => {
    expect(proxyFor(new URL(url), settings)).toBeNull();
  });

  test.each([
    ['*', 'https://registry.test/', true],
    ['registry.test', 'https://registry.test/', true],
    ['registry.test', 'https://a.registry.test/', true],
    ['registry.test', 'https://myregistry.test/', false],
    ['REGISTRY.test', 'https://registry.test/', true],
    ['.registry.test', 'https://registry.test/', false],
    ['.registry.test', 'https://a.registry.test/', true],
    ['*.registry.test', 'https://a.registry.test/', true],
    ['*.registry.test', 'https://registry.test/', false],
    ['registry.test:5000', 'https://registry.test:5000/', true],
    ['registry.test:5000', 'https://registry.test/', false],
    ['registry.test:443', 'https://registry.test/', true],
    ['registry.test:80', 'http://registry.test/', true],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.0.0.0/8', 'https://[fd00::1]/', false],
    ['fd00::/8', 'https://[fd00::1]/', true],
    ['10.1.2.3', 'https://10.1.2.3/', true],
    ['10.1.2.3:5000', 'https://10.1.2.3/', false],
    ['fd00::1', 'https://[fd00:0::1]/', true],
    ['', 'https://registry.test/', false],
    ['svc', 'https://svcs.test/', false],
  ])('noProxy %p: %s goes directly: %p', (rule, url, direct) => {
    expect(proxyFor(new URL(url), { ...settings, noProxy: [rule] }) === null).toBe(direct);
  });
});

describe('through a proxy', () => {
  /** Tunnels every CONNECT to `port` here, or refuses it with `status`. */
  async function tunnel(port: number, status = 200) {
    const connects: string[] = [];
    const sockets: Socket[] = [];
    const server = createServer();
    server.on('connection', (socket) => sockets.push(socket));
    server.on('connect', (request, socket: Socket) => {
      connects.push(`${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
      socket.on('error', () => {}).write(`HTTP/1.1 ${status} X\r\n\r\n`);
      if (status === 200) socket.pipe(connect(port, '127.0.0.1').on('error', () => {})).pipe(socket);
      else socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    };
    return closing({ close, connects, port: (server.address() as AddressInfo).port });
  }
  const via = (https: string) => client({ proxy: { https, http: null, noProxy: [] } });

  test('https is tunnelled: the proxy sees the host, and only its own password', async () => {
    const ca = await authority();
    const server = await serving(() => served, { tls: await ca.leaf({ names: ['registry.test'] }) });
    const proxy = await tunnel(server.port);
    const registry = via(`http://me:pw@127.0.0.1:${proxy.port}`);
    await registry.head(endpoint('https://registry.test', trusting(ca.cert)), latest, ask());
    expect(proxy.connects).toEqual([`registry.test:443 Basic ${Buffer.from('me:pw').toString('base64')}`]);
    expect(server.requests[0]).toMatchObject({
      servername: 'registry.test',
      headers: { host: 'registry.test' },
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  test.each(['https', 'http'])('an answer over %s that does not end is cut off as ever', async (scheme) => {
    const ca = await authority();
    const port = await listening((socket) =>
      socket.once('data', () => {
        const write = (): void => {
          while (!socket.destroyed && socket.write('\r\n'.repeat(10_000)));
        };
        socket.on('drain', write);
        write();
      }),
    );
    const secure = closing(await recordingProxy(port, await ca.leaf({ names: ['registry.test'] })));
    const proxy = await tunnel(Number(secure.host.split(':')[1]));
    const registry = client({
      maxManifestBytes: 4096,
      proxy: { https: `http://127.0.0.1:${proxy.port}`, http: `http://127.0.0.1:${port}`, noProxy: [] },
    });
    const asked = registry.head(endpoint(`${scheme}://registry.test`, trusting(ca.cert)), latest, ask());
    expect(await failureOf(asked)).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
  });

  test('the certificate is verified as ever', async () => {
    const ca = await authority();
    const server = await serving(() => served, { tls: await ca.leaf({ names: ['other.test'] }) });
    const proxy = await tunnel(server.port);
    const registry = via(`http://127.0.0.1:${proxy.port}`);
    const failure = await failureOf(
      registry.head(endpoint('https://registry.test', trusting(ca.cert)), latest, ask()),
    );
    expect(failure).toMatchObject({ code: 'tls', reason: 'WrongName' });
    expect(server.requests).toHaveLength(0);
  });

  test.each([403, 407, 502])('a proxy that says %d is to blame, not the registry', async (status) => {
    const proxy = await tunnel(1, status);
    const registry = via(`http://127.0.0.1:${proxy.port}`);
    const asking = ask();
    const failure = await failureOf(registry.head(endpoint('https://registry.test'), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'Proxy', status: null });
    expect(failure.message).toContain(String(status));
    expect(asking.tally.requests).toBe(0);
  });

  test('a host with a dial address of its own is dialled', async () => {
    const ca = await authority();
    const server = await serving(() => served, { tls: await ca.leaf({ names: ['registry.test'] }) });
    const proxy = await tunnel(server.port);
    const registry = client({
      proxy: { https: `http://127.0.0.1:${proxy.port}`, http: null, noProxy: [] },
      hosts: new Map([['registry.test:443', server.host]]),
    });
    await registry.head(endpoint('https://registry.test', trusting(ca.cert)), latest, ask());
    expect(proxy.connects).toEqual([]);
  });
});
