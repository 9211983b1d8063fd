/** Slow endpoints, plain http and path mirrors, as the nodes use them. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Handler } from '../../../kit/fakes/scripted-registry.ts';
import { scriptedRegistry } from '../../../kit/fakes/scripted-registry.ts';
import { absent, holding, multi } from '../../resolve/inspection/images.ts';
import { nodes, runtimes, type Setup, verdict, warningCodes } from './harness.ts';

const has = holding({ tags: { '1': multi('amd64') } });
const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

describe('a mirror that takes longer than registry.endpointTimeout', () => {
  const slowly: Handler = async (request) => ({ ...(await has(request)), delayMs: 400 });
  const configuration = { registry: { loopback: 'contact', endpointTimeout: '100ms' } };

  test.each(['interactive', 'background'] as const)(
    'is waited for by %s work, as by a node',
    async (purpose) => {
      const setup = await nodes(runtimes['containerd 2.1'], { mirror: slowly, upstream: has, configuration });
      expect(verdict(setup, await setup.inspect(undefined, { purpose }))).toBe('available at M');
    },
  );

  test('is left by admission, and the message names the limit', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: slowly, upstream: has, configuration });
    const inspection = await setup.inspect();
    expect(verdict(setup, inspection)).toBe('available at U');
    expect(inspection.attempts[0]?.message).toContain('(100 ms, registry.endpointTimeout)');
  });
});

/** Passes plain http on to `port`, and treats a TLS hello by `onHello`. */
async function plainHttp(port: number, onHello: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', (first: Buffer) => {
      if (first[0] === 0x16) return onHello(socket);
      const onward = connect(port, '127.0.0.1');
      sockets.add(onward);
      onward.on('error', () => socket.destroy());
      onward.write(first);
      socket.pipe(onward).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an insecure registry of registries.conf that speaks plain http', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['closes the connection after a TLS hello', (socket) => socket.destroy()],
    ['does not answer a TLS hello', () => {}],
    ['answers a TLS hello by HTTP 400', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('and %s is asked by http, and the endpoint says so', async (_what, onHello) => {
    const registry = await scriptedRegistry(has);
    open.push(registry);
    const host = await plainHttp(registry.port, onHello);
    const setup: Setup = {
      files: { 'r.conf': `[[registry]]\nprefix = "registry.test"\nlocation = "${host}"\ninsecure = true\n` },
      mirrors: { crio: { registriesConf: 'r.conf' } },
    };
    const configuration = { registry: { loopback: 'contact', endpointTimeout: '1s' } };
    const { inspect } = await nodes(setup, { configuration });
    const inspection = await inspect();
    expect(inspection.result).toBe('available');
    expect(inspection.endpoint).toBe(`http://${host}/v2`);
  });
});

describe('a mirror with a path', () => {
  const setup: Setup = {
    files: {
      'certs.d/registry.test/hosts.toml':
        'server = "http://U"\n[host."http://M/v2/me/docker.io"]\n' +
        '  capabilities = ["pull", "resolve"]\n  override_path = true\n',
    },
    mirrors: { containerd: { configPath: 'certs.d', version: '2.1' } },
  };

  test('whose token service refuses two scopes is left by containerd, with a warning', async () => {
    const mirror: Handler = (request) => {
      const { url, headers } = request;
      if (url.startsWith('/token')) {
        const scopes = new URL(url, 'http://m').searchParams.getAll('scope');
        return scopes.length > 1
          ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
          : { body: { token: 'good' } };
      }
      if (headers.authorization === 'Bearer good') return has(request);
      const challenge = `Bearer realm="http://${headers.host}/token",service="m",scope="repository:me/docker.io/app/x:pull"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    };
    const served = await nodes(setup, { mirror, upstream: has });
    const inspection = await served.inspect();
    expect(verdict(served, inspection)).toBe('available at U');
    expect(warningCodes(inspection)).toEqual(['ScopeUnion']);
    const alone = await nodes(setup, { mirror, upstream: () => absent });
    expect(verdict(alone, await alone.inspect())).toBe('unavailable');
  });
});

describe('a token answer that Go does not decode', () => {
  test('makes the nodes leave the mirror', async () => {
    const mirror: Handler = (request) => {
      const { url, headers } = request;
      if (url.startsWith('/token')) return { body: { token: 'good', expires_in: '3600' } };
      if (headers.authorization) return has(request);
      const challenge = `Bearer realm="http://${headers.host}/token",service="m"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    };
    const setup = await nodes(runtimes['containerd 2.1'], { mirror, upstream: has });
    expect(verdict(setup, await setup.inspect())).toBe('available at U');
  });
});
