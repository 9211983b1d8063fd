/** The command with credentials of every kind that a configuration can give, and what each host got to see of them, byte by byte. */

import { X509Certificate } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import { authority } from '../kit/fakes/certificates.ts';
import type { Answer, Handler } from '../kit/fakes/scripted-registry.ts';
import { town } from '../kit/fakes/registry-fleet.ts';
import { hasTrace } from '../kit/fakes/traces.ts';
import { pratique } from '../kit/pratique/command.ts';
import { nodeFiles } from './support/node-files.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const client = await (await authority()).leaf({ names: ['pratique'], usage: 'client' });
const secrets = {
  mirror: 'of/the+mirror~S3cret',
  app: 'of/the+registry~S3cret',
  third: 'of/a+third~S3cret',
  node: 'of/the+node~S3cret',
  exec: 'of/a+provider~S3cret',
  header: 'of/a+header~S3cret',
  certificate: new X509Certificate(client.cert).raw.toString('base64'),
};

const login = (password: string) => ({ auth: Buffer.from(`user:${password}`).toString('base64') });
const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
const unauthorized: Answer = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
const taking =
  (password: string, then: Answer): Handler =>
  ({ headers }) =>
    headers.authorization === `Basic ${login(password).auth}` ? then : unauthorized;

const provider = {
  name: 'provider',
  apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
  matchImages: ['*.test'],
  defaultCacheDuration: '1m',
};
const provided = {
  kind: 'CredentialProviderResponse',
  apiVersion: provider.apiVersion,
  cacheKeyType: 'Registry',
  auth: { '*.test': { username: 'user', password: secrets.exec } },
};

test.each([
  { kubeletMatching: false, keyedByImage: ['app.test'] },
  { kubeletMatching: true, keyedByImage: ['mirror.test', 'app.test'] },
])('kubeletMatching $kubeletMatching', async ({ kubeletMatching, keyedByImage }) => {
  const place = cleanup.use(
    await town({
      'mirror.test': taking(secrets.mirror, { status: 307, headers: { location: 'https://third.test/' } }),
      'third.test': () => unauthorized,
      'app.test': taking(secrets.app, { body: index, headers: { 'content-type': index.mediaType } }),
    }),
  );
  const credentials = {
    dockerConfig: 'docker.json',
    nodeDockerConfig: 'dockercfg',
    execProviders: { config: 'providers.json', binDir: 'bin' },
    kubeletMatching,
  };
  const registry = { hosts: Object.fromEntries(place.hosts), caFiles: ['ca.pem'] };
  const node = cleanup.use(await nodeFiles({}, { credentials, registry }));
  const files = {
    'ca.pem': place.authority.cert,
    'docker.json': JSON.stringify({
      auths: {
        'mirror.test': login(secrets.mirror),
        'app.test': login(secrets.app),
        'third.test': login(secrets.third),
      },
    }),
    dockercfg: JSON.stringify({ 'app.test': login(secrets.node) }),
    'providers.json': JSON.stringify({
      apiVersion: 'kubelet.config.k8s.io/v1',
      kind: 'CredentialProviderConfig',
      providers: [provider],
    }),
    'bin/provider': `#!/bin/sh\ncat >&2\ncat <<'END'\n${JSON.stringify(provided)}\nEND\n`,
    'certs.d/app.test/client.pem': client.cert,
    'certs.d/app.test/client.key': client.key,
    'certs.d/app.test/hosts.toml': `server = "https://app.test"
[host."https://mirror.test"]
client = [["client.pem", "client.key"]]
[host."https://mirror.test".header]
X-Api-Key = ["${secrets.header}"]
`,
  };
  for (const [name, text] of Object.entries(files)) await node.write(name, text);
  await chmod(`${node.folder}/bin/provider`, 0o755);

  const { stdout, stderr } = await pratique(
    `inspect --config ${node.configuration} --output json app.test/team/app:1`.split(' '),
  );
  expect(JSON.parse(stdout)).toMatchObject([{ endpoint: 'https://app.test/v2' }]);
  expect(place.seen(secrets)).toEqual({
    mirror: ['mirror.test'],
    header: ['mirror.test'],
    certificate: ['mirror.test'],
    node: keyedByImage,
    exec: keyedByImage,
    app: ['app.test'],
  });
  for (const secret of Object.values(secrets)) {
    expect(hasTrace(Buffer.from(stdout + stderr), secret)).toBe(false);
  }
});
