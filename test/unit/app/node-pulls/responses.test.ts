/** Irregular responses of a mirror, and what each runtime does with them. */
import { describe, expect, test } from '@jest/globals';
import * as types from '../../../../src/resolve/manifest/media-types.ts';
import type { Answer, Handler } from '../../../kit/fakes/scripted-registry.ts';
import {
  absent,
  type Content,
  content,
  descriptor,
  holding,
  image as imageOf,
  multi,
  target,
} from '../../resolve/inspection/images.ts';
import { nodes, type Runtime, runtimes, verdict, warningCodes } from './harness.ts';

const both = multi('amd64', 'arm64');
const single = imageOf('amd64');
const has: Handler = holding({ tags: { '1': both } });
const all = Object.keys(runtimes) as readonly Runtime[];

/** Serves an image, with other headers for its manifest. */
function altered(root: Content, change: (answer: Answer, method: string) => Answer): Handler {
  const registry = holding({ tags: { '1': root } });
  return async (request) => {
    const answer = await registry(request);
    return target(request.url)[0] === 'manifests' && (answer.status ?? 200) === 200
      ? change(answer, request.method)
      : answer;
  };
}

function withHeaders(headers: Record<string, string>): (answer: Answer) => Answer {
  return (answer) => ({ ...answer, headers: { ...answer.headers, ...headers } });
}

async function verdictOf(runtime: Runtime, mirror: Handler, upstream: Handler = has): Promise<string> {
  const setup = await nodes(runtimes[runtime], { mirror, upstream });
  return verdict(setup, await setup.inspect());
}

describe.each(['application/json', 'text/plain', 'application/octet-stream', 'None'])(
  'a manifest that a mirror serves as %s',
  (type) => {
    test.each(all)('would not be pulled by %s, although the upstream has it', async (runtime) => {
      const mirror = altered(both, withHeaders({ 'content-type': type }));
      const setup = await nodes(runtimes[runtime], { mirror, upstream: has });
      const inspection = await setup.inspect();
      expect(verdict(setup, inspection)).toBe('unavailable/NodesRefuse');
      expect(inspection.message).toContain("let it send the manifest's own media type as Content-Type");
    });
  },
);

describe('docker and OCI types of one kind swapped by a mirror', () => {
  const manifests: readonly [string, Content, string][] = [
    ['an OCI manifest declared as docker', single, types.dockerManifest],
    ['a docker manifest declared as OCI', dockerImage(), types.ociManifest],
  ];
  test.each(manifests.flatMap((row) => all.map((runtime) => [...row, runtime] as const)))(
    '%s',
    async (_what, root, declared, runtime) => {
      const mirror = altered(root, withHeaders({ 'content-type': declared }));
      const wanted = runtime.startsWith('containerd') ? 'available at M' : 'unavailable/NodesRefuse';
      expect(await verdictOf(runtime, mirror)).toBe(wanted);
    },
  );

  test.each(all)('an OCI index declared as a docker list is pulled by %s', async (runtime) => {
    const mirror = altered(both, withHeaders({ 'content-type': types.dockerList }));
    expect(await verdictOf(runtime, mirror)).toBe('available at M');
  });
});

function dockerImage(): Content {
  const config = content(types.dockerConfig, { os: 'linux', architecture: 'amd64' });
  const body = {
    schemaVersion: 2,
    mediaType: types.dockerManifest,
    config: descriptor(config),
    layers: [],
  };
  return content(types.dockerManifest, body, [config]);
}

describe('a Docker-Content-Digest that is not a digest', () => {
  const upper = withHeaders({ 'docker-content-digest': both.digest.toUpperCase() });
  test.each(all)('ends the pull of containerd and is ignored by CRI-O: %s', async (runtime) => {
    const wanted = runtime.startsWith('containerd') ? 'unavailable/NodesRefuse' : 'available at M';
    expect(await verdictOf(runtime, altered(both, upper))).toBe(wanted);
  });

  test('is ignored by containerd where HEAD has no length', async () => {
    const mirror = altered(both, (answer, method) =>
      method === 'HEAD' ? withHeaders({ 'transfer-encoding': 'chunked' })(upper(answer)) : answer,
    );
    expect(await verdictOf('containerd 2.1', mirror)).toBe('available at M');
  });
});

describe('HEAD 404 where GET is 200', () => {
  const mirror = altered(both, (answer, method) => (method === 'HEAD' ? absent : answer));
  test.each(all)('is "not found" for containerd and no matter for CRI-O: %s', async (runtime) => {
    const wanted = runtime.startsWith('containerd') ? 'not-found' : 'available at M';
    expect(await verdictOf(runtime, mirror, () => absent)).toBe(wanted);
  });

  test('HEAD 405 is repeated by GET at the same endpoint', async () => {
    const strict = altered(both, (answer, method) => (method === 'HEAD' ? { status: 405 } : answer));
    expect(await verdictOf('containerd 2.1', strict, () => absent)).toBe('available at M');
  });
});

describe('a mirror that redirects without a Location', () => {
  test.each(all)('ends the pull of containerd, and CRI-O asks the upstream: %s', async (runtime) => {
    const wanted = runtime.startsWith('containerd') ? 'unavailable/NodesRefuse' : 'available at U';
    expect(await verdictOf(runtime, () => ({ status: 307 }))).toBe(wanted);
  });
});

describe('an artifactType beside an image configuration', () => {
  const config = content(types.ociConfig, { os: 'linux', architecture: 'amd64' });
  const body = {
    schemaVersion: 2,
    mediaType: types.ociManifest,
    artifactType: 'application/vnd.example.app',
    config: descriptor(config),
    layers: [],
  };
  const root = content(types.ociManifest, body, [config]);
  test.each(all)('is an image for %s', async (runtime) => {
    const setup = await nodes(runtimes[runtime], { mirror: holding({ tags: { '1': root } }) });
    expect(await setup.inspect()).toMatchObject({ result: 'available', kind: 'image' });
  });
});

describe('an operator bundle', () => {
  test('has no platform of its own', async () => {
    const config = content(types.ociConfig, {
      os: 'linux',
      architecture: 'amd64',
      config: { Labels: { 'operators.operatorframework.io.bundle.mediatype.v1': 'registry+v1' } },
    });
    const mirror = holding({ tags: { '1': imageOf('amd64', config) } });
    const setup = await nodes(runtimes['CRI-O'], { mirror });
    expect(await setup.inspect()).toMatchObject({
      result: 'available',
      platforms: [],
      platformsComplete: false,
    });
  });
});

describe('a runtime that is not known', () => {
  test('a response that only some runtimes refuse is accepted with a warning', async () => {
    const registry = altered(single, withHeaders({ 'content-type': types.dockerManifest }));
    const setup = await nodes({ files: {}, mirrors: {} }, { mirror: registry });
    const inspection = await setup.inspect(`${setup.mirror.host}/app/x:1`);
    expect(inspection.result).toBe('available');
    expect(warningCodes(inspection)).toEqual(['NodesRefuse']);
    expect(inspection.warnings[0]?.message).toContain('CRI-O, dockerd refuses that it mixes docker and OCI');
  });

  test('a caller that is not a node accepts what a valid body says', async () => {
    const mirror = altered(both, withHeaders({ 'content-type': 'application/json' }));
    const setup = await nodes(runtimes['containerd 2.1'], { mirror });
    const inspection = await setup.inspect(undefined, { purpose: 'interactive', asNode: false });
    expect(verdict(setup, inspection)).toBe('available at M');
  });
});

test('a page of HTML with status 200 ends the pull of every runtime that takes the first 200', async () => {
  const page: Answer = { headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' };
  for (const runtime of all) expect(await verdictOf(runtime, () => page)).toBe('unavailable/NodesRefuse');
});
