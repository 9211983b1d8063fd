import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createRestConfigSource } from '../../../../../src/watch/kubernetes/client/rest-config.ts';
import type { KubernetesErrorCode, WatchEvent } from '../../../../../src/watch/kubernetes/api.ts';
import {
  ca,
  client,
  closing,
  failureOf,
  kubeconfigFor,
  type Script,
  scriptedApi,
  status,
} from '../scripted-api.ts';

const path = '/api/v1/namespaces/shop/pods';
const good: Script = (_, answer) => answer.json({ kind: 'PodList', items: [] });

describe('a request', () => {
  test('sends token, user agent, query and body, and returns JSON', async () => {
    const server = await scriptedApi(good);
    const answer = await client(server).request({
      method: 'PATCH',
      path: `${path}/web`,
      query: { fieldManager: 'pratique', force: true, absent: undefined, limit: 5 },
      contentType: 'application/apply-patch+yaml',
      body: { kind: 'Pod' },
    });
    expect(answer).toEqual({ kind: 'PodList', items: [] });
    expect(server.asked[0]).toMatchObject({
      method: 'PATCH',
      path: `${path}/web`,
      headers: {
        authorization: 'Bearer admin-token',
        'user-agent': 'pratique/test',
        'content-type': 'application/apply-patch+yaml',
        accept: 'application/json',
      },
      body: { kind: 'Pod' },
    });
    expect([...(server.asked[0]?.query ?? [])]).toEqual([
      ['fieldManager', 'pratique'],
      ['force', 'true'],
      ['limit', '5'],
    ]);
  });

  test('shares one connection with fifty others', async () => {
    const server = await scriptedApi(good);
    const api = client(server);
    for (let n = 0; n < 50; n++) await api.request({ path });
    expect(server.connections).toBe(1);
  });

  test('is not delayed by 100 watches, and the number of connections is bounded', async () => {
    const server = await scriptedApi((asked, answer, nth) => {
      if (asked.query.has('watch')) answer.line({ type: 'ADDED', object: { metadata: { name: 'a' } } });
      else void good(asked, answer, nth);
    });
    const api = client(server);
    const stop = new AbortController();
    const watches = Array.from({ length: 100 }, async () => {
      for await (const _ of api.watch({ path, query: { watch: true }, signal: stop.signal }));
    });
    const held = Promise.allSettled(watches);
    await server.opened(64);
    await Promise.all(Array.from({ length: 100 }, () => api.request({ path })));
    expect(server.connections).toBeLessThanOrEqual(64 + 16);
    stop.abort();
    await held;
  });

  test('lost with a kept-alive connection is sent again, unless it is a POST', async () => {
    const server = await scriptedApi((_, answer, nth) =>
      nth % 2 === 1 ? answer.cut() : answer.json({ nth }),
    );
    const api = client(server);
    await expect(api.request({ path })).resolves.toEqual({ nth: 2 });
    const failure = await failureOf(api.request({ method: 'POST', path, body: {} }));
    expect(failure).toMatchObject({ code: 'Unreachable', status: null });
    expect(server.asked).toHaveLength(3);
  });

  test('fails with a code of its own when it is cancelled, times out or is refused', async () => {
    const server = await scriptedApi(() => {});
    const api = client(server);
    expect(await failureOf(api.request({ path, timeoutMs: 50 }))).toMatchObject({ code: 'Timeout' });
    const leaving = new AbortController();
    const work = failureOf(api.request({ path, signal: leaving.signal }));
    leaving.abort();
    expect(await work).toMatchObject({ code: 'Aborted' });
    expect(await failureOf(api.request({ path, signal: leaving.signal }))).toMatchObject({ code: 'Aborted' });
    await server.close();
    expect(await failureOf(api.request({ path }))).toMatchObject({ code: 'Unreachable' });
  });

  test('fails when the response is too large, not JSON, or incomplete', async () => {
    const server = await scriptedApi((_, answer, nth) => {
      if (nth === 1) answer.json({ text: 'x'.repeat(2000) });
      else if (nth === 2) answer.line('<html>');
      else answer.bytes('{"half":');
      if (nth === 2) answer.end();
      else if (nth === 3) setImmediate(() => answer.cut());
    });
    const api = client(server);
    expect(await failureOf(api.request({ path, maxBytes: 1000 }))).toMatchObject({ code: 'TooLarge' });
    expect(await failureOf(api.request({ path }))).toMatchObject({ code: 'Malformed' });
    expect(await failureOf(api.request({ path }))).toMatchObject({ code: 'Unreachable' });
  });
});

describe('an error response', () => {
  const cases: Record<string, [number, string, KubernetesErrorCode]> = {
    'object not found': [404, 'NotFound', 'NotFound'],
    conflict: [409, 'Conflict', 'Conflict'],
    'already exists': [409, 'AlreadyExists', 'AlreadyExists'],
    invalid: [422, 'Invalid', 'Invalid'],
    'bad request': [400, 'BadRequest', 'Invalid'],
    forbidden: [403, 'Forbidden', 'Forbidden'],
    unauthorized: [401, 'Unauthorized', 'Unauthorized'],
    'expired version': [410, 'Expired', 'Gone'],
    'too many requests': [429, 'TooManyRequests', 'TooManyRequests'],
    'server timeout': [504, 'Timeout', 'Timeout'],
    'internal error': [500, 'InternalError', 'Server'],
  };
  test.each(Object.entries(cases))('maps %s to its code', async (_title, [code, reason, expected]) => {
    const server = await scriptedApi((_, answer) => answer.json(status(code, reason), code));
    const failure = await failureOf(client(server).request({ path }));
    expect(failure).toMatchObject({ code: expected, status: code, retryAfterMs: null });
    expect(failure.message).toBe(`GET ${path}: ${code} this is ${reason}`);
  });

  test('is quoted bounded and without control characters, and Retry-After is clamped', async () => {
    const hostile = `\u001b[31m${'long '.repeat(1000)}`;
    const server = await scriptedApi((_, answer) =>
      answer.json(status(429, 'TooManyRequests', hostile), 429, { 'retry-after': '99999' }),
    );
    const failure = await failureOf(client(server).request({ path }));
    expect(failure.retryAfterMs).toBe(300_000);
    expect(failure.message.length).toBeLessThan(700);
    expect(failure.message).not.toContain('\u001b');
  });

  test('for a terminating namespace differs from a missing permission', async () => {
    const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
    const server = await scriptedApi((_, answer) =>
      answer.json({ ...status(403, 'Forbidden'), details: { causes } }, 403),
    );
    expect(await failureOf(client(server).request({ path }))).toMatchObject({
      code: 'NamespaceTerminating',
      status: 403,
    });
  });

  test('with the HTML page of a proxy is reported by its status', async () => {
    const server = await scriptedApi((_, answer) => answer.json(['<html>'], 502));
    expect(await failureOf(client(server).request({ path }))).toMatchObject({ code: 'Server', status: 502 });
  });
});

describe('a watch', () => {
  const event = (name: string) => ({ type: 'ADDED', object: { metadata: { name } } });
  const collect = async (events: AsyncIterable<WatchEvent>): Promise<unknown[]> => {
    const all: unknown[] = [];
    for await (const each of events) all.push(each);
    return all;
  };

  test('yields events however they are cut into packets, and ends when the server ends it', async () => {
    const server = await scriptedApi(async (_, answer) => {
      const text = `${JSON.stringify(event('ä'))}\n\n${JSON.stringify(event('b'))}`;
      for (const byte of text) {
        answer.bytes(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      answer.end();
    });
    expect(await collect(client(server).watch({ path }))).toEqual([event('ä'), event('b')]);
  });

  test('fails on a line that is too long, not JSON or not an event', async () => {
    const long = await scriptedApi((_, answer) => answer.line('x'.repeat(5000)));
    expect(await failureOf(collect(client(long).watch({ path, maxBytes: 4096 })))).toMatchObject({
      code: 'TooLarge',
    });
    for (const line of [
      '{"type":"ADDED"',
      '{"type":"NEWS","object":{}}',
      '[]',
      '{"type":"ADDED","object":1}',
    ]) {
      const odd = await scriptedApi((_, answer) => answer.line(line));
      expect(await failureOf(collect(client(odd).watch({ path })))).toMatchObject({ code: 'Malformed' });
    }
  });

  test('fails when it is silent for too long or breaks', async () => {
    const server = await scriptedApi((_, answer) => answer.line(event('a')));
    const failure = await failureOf(collect(client(server).watch({ path, silenceMs: 100 })));
    expect(failure).toMatchObject({ code: 'Timeout' });
    const broken = await scriptedApi((_, answer) => {
      answer.line(event('a'));
      setImmediate(() => answer.cut());
    });
    expect(await failureOf(collect(client(broken).watch({ path })))).toMatchObject({ code: 'Unreachable' });
  });

  test('closes its connection when its reader leaves', async () => {
    const server = await scriptedApi((_, answer) => answer.line(event('a')));
    for await (const _ of client(server).watch({ path, query: { watch: true } })) break;
    await server.opened(0);
  });
});

describe('the observer', () => {
  test('gets each request by verb, resource and status', async () => {
    const seen: string[] = [];
    const observer = {
      requested: (verb: string, resource: string, code: number | null) =>
        seen.push(`${verb} ${resource} ${code}`),
    };
    const server = await scriptedApi((asked, answer) =>
      asked.path.endsWith('/lost') ? answer.cut() : answer.end(),
    );
    const api = client(server, { observer });
    for (const each of [path, '/api/v1/namespaces/shop', '/version'])
      await failureOf(api.request({ path: each }));
    await failureOf(api.request({ method: 'PUT', path: `${path}/web/status`, body: {} }));
    await failureOf(api.request({ method: 'POST', path: '/apis/apps/v1/namespaces/x/deployments/lost' }));
    for await (const _ of api.watch({ path: '/apis/pratique.dev/v1alpha1/imageinspections' }));
    expect(seen).toEqual([
      'list pods 200',
      'get namespaces 200',
      'list other 200',
      'update pods/status 200',
      'create deployments null',
      'watch imageinspections 200',
    ]);
  });
});

describe('credentials', () => {
  const version = 'client.authentication.k8s.io/v1';
  const credential = (status: object) =>
    JSON.stringify({ apiVersion: version, kind: 'ExecCredential', status });
  /** A plugin that prints `file`. */
  const plugin = (file: string) => ({ apiVersion: version, command: 'cat', args: [file] });

  test('of an exec plugin may be a certificate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pratique-config-'));
    closing(() => rm(folder, { recursive: true, force: true }));
    const [kubeconfig, file] = [join(folder, 'kubeconfig'), join(folder, 'made')];
    const { cert, key } = await ca.leaf({ names: ['robot'] });
    await writeFile(file, credential({ clientCertificateData: cert, clientKeyData: key }));
    await writeFile(kubeconfig, kubeconfigFor('https://127.0.0.1:1', { exec: plugin(file) }));
    const { tls, headers } = await createRestConfigSource({ kubeconfig, environment: {} }).load();
    expect([tls, headers]).toEqual([{ ca: ca.cert, cert, key }, {}]);
  });

  test('in a pod come from the service account, and a new CA opens new connections', async () => {
    const server = await scriptedApi(good);
    const folder = await mkdtemp(join(tmpdir(), 'pratique-account-'));
    closing(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'ca.crt'), ca.cert);
    await writeFile(join(folder, 'token'), 'first\n');
    await writeFile(join(folder, 'namespace'), 'pratique-system\n');
    const api = client(server, {
      kubeconfig: null,
      serviceAccountFolder: folder,
      environment: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) },
    });
    expect(await api.namespace()).toBe('pratique-system');
    await api.request({ path });
    expect(server.asked[0]?.headers.authorization).toBe('Bearer first');
    await writeFile(join(folder, 'ca.crt'), `${ca.cert}\n${ca.cert}`);
    await api.request({ path });
    expect(server.connections).toBe(2);
  });

  test('that cannot be read fail the request without a packet, and are read again for the next one', async () => {
    const server = await scriptedApi(good);
    const folder = await mkdtemp(join(tmpdir(), 'pratique-config-'));
    closing(() => rm(folder, { recursive: true, force: true }));
    const kubeconfig = join(folder, 'later');
    const api = client({ kubeconfig });
    expect(await failureOf(api.request({ path }))).toMatchObject({ code: 'Unusable' });
    expect(await failureOf(client(server, { kubeconfig: null }).request({ path }))).toMatchObject({
      code: 'Unusable',
    });
    await writeFile(kubeconfig, kubeconfigFor(`https://127.0.0.1:${server.port}`));
    await api.request({ path });
    expect(await api.namespace()).toBe('shop');
    expect(server.asked).toHaveLength(1);
  });

  test('that the server rejects are loaded again from the kubeconfig and its exec plugin', async () => {
    const server = await scriptedApi((asked, answer, nth) =>
      asked.headers.authorization === 'Bearer second'
        ? void good(asked, answer, nth)
        : answer.json(status(401, 'Unauthorized'), 401),
    );
    const folder = await mkdtemp(join(tmpdir(), 'pratique-config-'));
    closing(() => rm(folder, { recursive: true, force: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    // A token without an expiry is used until the server rejects it.
    const tokenOutput = (token: string) => credential({ token });
    const exec = plugin(join(folder, 'token'));
    await writeFile(kubeconfig, kubeconfigFor(`https://127.0.0.1:${server.port}`, { exec }));
    await writeFile(join(folder, 'token'), tokenOutput('first'));
    const api = client({ kubeconfig });
    expect(await failureOf(api.request({ path }))).toMatchObject({ code: 'Unauthorized' });
    await writeFile(join(folder, 'token'), tokenOutput('second'));
    await api.request({ path });
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer second',
    ]);
  });

  test('are not sent to a server that another CA signed', async () => {
    const server = await scriptedApi(good);
    const folder = await mkdtemp(join(tmpdir(), 'pratique-config-'));
    closing(() => rm(folder, { recursive: true, force: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    const config = JSON.parse(kubeconfigFor(`https://127.0.0.1:${server.port}`)) as { clusters: object[] };
    config.clusters = [{ name: 'c', cluster: { server: `https://127.0.0.1:${server.port}` } }];
    await writeFile(kubeconfig, JSON.stringify(config));
    const failure = await failureOf(client({ kubeconfig }).request({ path }));
    expect(failure).toMatchObject({ code: 'Unreachable', status: null });
    expect(server.asked).toEqual([]);
  });

  test('go through the proxy of the kubeconfig, which cannot read them', async () => {
    const server = await scriptedApi(good);
    const tunnels: string[] = [];
    const proxy = createServer((_, response) => response.writeHead(400).end());
    proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
      tunnels.push(`${request.url} ${request.headers.authorization ?? '-'}`);
      const onward = connect(server.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      for (const each of [socket, onward]) each.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    closing(async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    });
    const folder = await mkdtemp(join(tmpdir(), 'pratique-config-'));
    closing(() => rm(folder, { recursive: true, force: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const text = kubeconfigFor(`https://127.0.0.1:${server.port}`);
    await writeFile(kubeconfig, text.replace('"server":', `"proxy-url":"${proxyUrl}","server":`));
    const api = client({ kubeconfig });
    await api.request({ path });
    await api.request({ path });
    expect(tunnels).toEqual([`127.0.0.1:${server.port} -`]);
    expect(server.asked).toHaveLength(2);
    await api.close();
  });
});
