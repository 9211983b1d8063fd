/** Schema 1 as Debian's docker-registry makes, signs and serves it: known by the digest of what is signed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { platform, sha256, single } from '../kit/registries/images.ts';
import { pratique } from '../kit/pratique/command.ts';
import { type RunningRegistry, startRegistry } from '../kit/registries/docker-registry.ts';
import { inside } from '../kit/pratique/in-process.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';
import { push } from '../kit/registries/push.ts';

const signedType = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
const repository = 'team/old';
// The registry makes schema 1 of images that have a history only.
const configured = { ...platform('linux/arm64'), history: [{ created_by: '/bin/sh' }] };
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

let registry: RunningRegistry;
let node: NodeFiles;
let body: Buffer;
let digest: string;

beforeAll(async () => {
  registry = cleanup.use(await startRegistry({ schema1: true }));
  await push(registry, repository, 'new', single(configured, { docker: true }));
  // A client that names no newer type gets schema 1, signed with a key that the registry makes up.
  const converted = await fetch(`${registry.url}/v2/${repository}/manifests/new`);
  expect(converted.headers.get('content-type')).toBe(signedType);
  body = Buffer.from(await converted.arrayBuffer());
  const root = { digest: sha256(body), body, mediaType: signedType };
  digest = await push(registry, repository, 'old', { blobs: [], children: [], root });
  node = cleanup.use(await nodeFiles({ 'registry.test': { server: registry.url } }));
});

test('its digest is not that of its body', () => {
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digest).not.toBe(sha256(body));
});

test.each(['by tag', 'by digest'])('it is found %s, with its platform', async (how) => {
  await using pratique = inside(node);
  const name = `registry.test/${repository}`;
  const inspection = await pratique.inspect(how === 'by tag' ? `${name}:old` : `${name}@${digest}`);
  expect(inspection).toMatchObject({
    result: 'available',
    kind: 'schema1',
    mediaType: signedType,
    digest,
    size: body.length,
    platforms: [{ os: 'linux', architecture: 'arm64' }],
  });
});

test('it is refused as what no node runs any more', async () => {
  const args = ['inspect', '--config', node.configuration, '-o', 'json', `registry.test/${repository}:old`];
  const { status, stdout } = await pratique(args);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { result: 'invalid', reason: 'Schema1', digest, platforms: ['linux/arm64'] },
  ]);
});
