/** What is secret is shown nowhere: not by the command line, not to who creates a pod, not in the log, not in the metrics. */
import { afterAll, expect, jest, test } from '@jest/globals';
import { pod } from '../kit/fakes/pods.ts';
import { scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { admit } from '../kit/pratique/admission.ts';
import { pratique } from '../kit/pratique/command.ts';
import { nodeFiles } from './support/node-files.ts';
import { startServer } from '../kit/pratique/server.ts';
import { dockerConfig, login, passwordStand, tokenStand } from '../kit/registries/registry-fixtures.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const { username, password } = login;
const auth = Buffer.from(`${username}:${password}`).toString('base64');
const expectKept = (said: string) => {
  // A longer password has the same beginning.
  for (const secret of [password, auth.slice(0, 40)]) expect(said).not.toContain(secret);
};

test.concurrent.each([
  ['a registry that wants a password and gets another', passwordStand],
  ['a token server that knows another password', () => tokenStand(['team/app'])],
])('%s', async (_, start) => {
  const stand = cleanup.use(await start());
  const wrong = Buffer.from(`${username}:${password}-but-wrong`).toString('base64');
  const node = cleanup.use(
    await nodeFiles(
      { 'registry.test': { server: stand.registry.url } },
      {
        credentials: { dockerConfig: 'docker.json' },
        log: { level: 'debug' },
        policy: { onDenied: 'deny' },
        ...(stand.ca !== '' && { registry: { caFiles: ['ca.pem'] } }),
      },
    ),
  );
  await node.write('ca.pem', stand.ca);
  await node.write('docker.json', dockerConfig(stand.registry.host, wrong));
  const images = ['--config', node.configuration, 'registry.test/team/app:1'];
  const { stdout, stderr } = await pratique(['inspect', '-o', 'json', ...images]);
  expect(stdout).toContain('denied');
  expectKept(stdout + stderr);
  const server = cleanup.use(await startServer(node.configuration));
  const answer = await admit(server, '/validate', pod('web').container('registry.test/team/app:1').build());
  expect(answer).toMatchObject({ allowed: false, message: expect.stringContaining('denied') });
  const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
  expectKept(JSON.stringify([answer, server.log]) + server.stderr + metrics);
});

test.concurrent('a registry that says back what it was sent', async () => {
  const registry = cleanup.use(
    await scriptedRegistry(({ headers: { authorization } }) =>
      authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Basic realm="echo"' } }
        : { status: 403, body: { errors: [{ message: `nobody has ${authorization}` }] } },
    ),
  );
  const credentials = { dockerConfig: 'docker.json' };
  const node = cleanup.use(
    await nodeFiles({ 'registry.test': { server: registry.origin } }, { credentials }),
  );
  await node.write('docker.json', dockerConfig(registry.host));
  const { stdout } = await pratique(['inspect', '--config', node.configuration, 'registry.test/team/app:1']);
  expect(stdout).toContain('nobody has Basic [redacted]');
  expectKept(stdout);
});

test.concurrent.each([
  ['a docker config that breaks off', `{"auths":{"registry.test":{"auth":"${auth}"`],
  [
    'a docker config with an entry that is not a credential',
    `{"auths":{"registry.test":{"auth":"${password}"}}}`,
  ],
  [
    'a docker config with a number for a name',
    `{"auths":{"registry.test":{"username":1,"password":"${password}"}}}`,
  ],
  ['a docker config that is only a password', password],
])('%s', async (_, text) => {
  const node = cleanup.use(await nodeFiles({}, { credentials: { dockerConfig: 'docker.json' } }));
  await node.write('docker.json', text);
  const { status, stdout, stderr } = await pratique(['inspect', '--config', node.configuration, 'scratch']);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('docker.json');
  expectKept(stderr);
});

test.concurrent('the password of a proxy', async () => {
  const proxy = {
    https: `http://${username}:${password}@127.0.0.1:9`,
    http: `http://${username}:${password}@127.0.0.1:9`,
  };
  const node = cleanup.use(await nodeFiles({}, { registry: { proxy } }));
  const image = ['--config', node.configuration, 'registry.test/team/app:1'];
  for (const args of [
    ['endpoints', ...image],
    ['inspect', ...image],
  ]) {
    const { stdout, stderr } = await pratique(args);
    expect(stdout).toContain(args[0] === 'inspect' ? 'unavailable' : 'http://127.0.0.1:9');
    expectKept(stdout + stderr);
  }
});

test.concurrent('a proxy that is not a URL, but has a password', async () => {
  const node = cleanup.use(
    await nodeFiles({}, { registry: { proxy: { https: `${username}:${password}@proxy` } } }),
  );
  const { status, stdout, stderr } = await pratique(['endpoints', '--config', node.configuration, 'nginx']);
  expect([status, stdout]).toEqual([2, '']);
  expectKept(stderr);
});

test.concurrent('credentials and headers in the mirror configuration', async () => {
  const registry = cleanup.use(await scriptedRegistry(() => ({ status: 500 })));
  const node = cleanup.use(await nodeFiles());
  await node.write(
    'certs.d/registry.test/hosts.toml',
    `server = "http://${username}:${password}@${registry.host}"\n[header]\nx-token = "${password}"\n[host]\n`,
  );
  const images = ['--config', node.configuration, 'registry.test/team/app:1'];
  for (const args of [
    ['endpoints', ...images],
    ['inspect', '-o', 'json', ...images],
  ]) {
    const { stdout, stderr } = await pratique(args);
    expect(stdout).toContain(`http://${registry.host}/v2`);
    expectKept(stdout + stderr);
  }
});
