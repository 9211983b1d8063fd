import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { runtimeProfile } from '../../../../src/resolve/endpoints/runtime/runtime-profile.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';
import { endpoint, serving } from '../registry/asking.ts';
import { check, holding, image, indexOf, type TestImage } from './checking.ts';

const two = image('amd64', ['one', 'two']);

async function registry(of: TestImage, script?: Parameters<typeof holding>[1]) {
  const server = await serving(holding(of, script));
  return { server, at: endpoint(server.origin) };
}

describe('an image of many parts', () => {
  test('is looked for with three requests at a time, the first one alone', async () => {
    const large = image(
      'amd64',
      Array.from({ length: 20 }, (_, index) => `layer ${index}`),
    );
    let [busy, most, first] = [0, 0, 0];
    const { server, at } = await registry(large, async () => {
      busy++;
      most = Math.max(most, busy);
      if (server.requests.length === 1) first = busy;
      await sleep(5);
      busy--;
      return null;
    });
    expect((await check([at], large)).result).toBe('available');
    expect([first, most]).toEqual([1, 3]);
    expect(server.requests.length).toBe(22);
  });

  test('of more than 127 layers is invalid, and no layer is asked for', async () => {
    const tall = image(
      'amd64',
      Array.from({ length: 128 }, (_, index) => `layer ${index}`),
    );
    const { server, at } = await registry(tall);
    expect(await check([at], tall)).toMatchObject({ result: 'invalid', reason: 'TooManyLayers' });
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('of 127 layers is checked', async () => {
    const tall = image(
      'amd64',
      Array.from({ length: 127 }, (_, index) => `layer ${index}`),
    );
    const { at } = await registry(tall);
    expect(await check([at], tall)).toMatchObject({ result: 'available', missing: 0 });
  });

  test('is asked for with 1024 requests at most; the rest is not known', async () => {
    const archs = ['amd64', 'arm64', 'arm', '386', 's390x', 'ppc64le', 'riscv64', 'mips64le'];
    const images = archs.map((arch) => [
      arch,
      image(
        arch,
        Array.from({ length: 127 }, (_, i) => `${arch} ${i}`),
      ),
    ]);
    const huge = indexOf(Object.fromEntries(images) as Record<string, TestImage>);
    // A HEAD that is answered by 405 costs two.
    const { server, at } = await registry(huge, (_, { method }) =>
      method === 'HEAD' ? { status: 405 } : null,
    );
    const report = await check([at], huge);
    expect(report).toMatchObject({ result: 'unavailable', reason: 'TooManyRequests' });
    expect(report.message).toMatch(/\d+ of 1033 parts not checked/);
    expect(server.requests.length).toBeLessThan(1040);
  }, 60_000);

  test('is not known where the time is up, and says how much of it', async () => {
    const { at } = await registry(two, async (_, { method }) => {
      if (method === 'HEAD') await sleep(2_000);
      return null;
    });
    const report = await check([at], two, { timeoutMs: 300 });
    expect(report).toMatchObject({ result: 'unavailable', missing: 0, unknown: 3 });
    expect(report.message).toContain('3 of 4 parts not checked');
  });
});

describe('platforms', () => {
  const archs = ['amd64', 'arm64', 'arm', '386', 's390x', 'ppc64le', 'riscv64', 'mips64le', 'loong64'];
  const many = indexOf(Object.fromEntries(archs.map((arch) => [arch, image(arch, [arch])])));

  test('beyond the eighth are left out with a warning when nobody named them', async () => {
    const { at } = await registry(many);
    const report = await check([at], many);
    expect(report.result).toBe('available');
    expect(report.warnings.map(({ code }) => code)).toEqual(['PlatformsNotChecked']);
  });

  test('beyond the eighth are not known when they were named', async () => {
    const { at } = await registry(many);
    const wanted = archs.map((arch) => {
      const platform = parsePlatform(`linux/${arch}`);
      return { platform, accepts: (other: typeof platform) => other.architecture === platform.architecture };
    });
    const report = await check([at], many, { wanted });
    expect(report).toMatchObject({ result: 'unavailable', reason: 'TooManyPlatforms', unknown: 1 });
  });

  test('are those that are wanted, each by the entry that a node takes', async () => {
    const pair = indexOf({
      arm: image('arm', ['32']),
      arm64: image('arm64', ['64']),
      amd64: image('amd64', ['x']),
    });
    const { at } = await registry(pair);
    const platform = parsePlatform('linux/arm64');
    const wanted = [{ platform, accepts: () => true }];
    const report = await check([at], pair, { wanted });
    expect(new Set(report.parts.flatMap((part) => part.platform?.architecture ?? []))).toEqual(
      new Set(['arm64']),
    );
  });
});

describe('what a registry says of a part', () => {
  const layer = two.parts[2]?.digest ?? '';

  test('is another size: the part is malformed, and the upstream is not asked, as nodes would not', async () => {
    const mirror = await registry(two, (digest, { method }) =>
      method === 'HEAD' && digest === layer ? { headers: { 'content-length': '999' } } : null,
    );
    const upstream = await registry(two);
    const report = await check([mirror.at, upstream.at], two);
    expect(report.result).toBe('unavailable');
    expect(report.parts.find(({ digest }) => digest === layer)).toMatchObject({
      result: 'malformed',
      reason: 'Size',
      endpoint: mirror.at.url,
    });
    expect(upstream.server.requests).toEqual([]);
  });

  test('is a failure at the mirror and a 404 at the upstream: not known', async () => {
    const mirror = await registry(two, (digest) => (digest === layer ? { status: 500 } : null));
    const upstream = await registry({ ...two, parts: two.parts.filter(({ digest }) => digest !== layer) });
    expect(await check([mirror.at, upstream.at], two)).toMatchObject({
      result: 'unavailable',
      missing: 0,
      unknown: 1,
    });
  });

  test('is a refusal, in the words that only GET has', async () => {
    const { at } = await registry(two, (digest) =>
      digest === layer ? { status: 403, body: { errors: [{ code: 'DENIED', message: 'pay first' }] } } : null,
    );
    const report = await check([at], two);
    expect(report.result).toBe('denied');
    expect(report.message).toContain('pay first');
  });

  test('is silence from the mirror: it costs one budget, not one for each part', async () => {
    const large = image(
      'amd64',
      Array.from({ length: 12 }, (_, index) => `layer ${index}`),
    );
    const mirror = await registry(large, () => ({ fault: 'silence' }));
    const upstream = await registry(large);
    const report = await check([mirror.at, upstream.at], large);
    expect(report.result).toBe('available');
    expect(mirror.server.requests.length).toBe(1);
  });

  test('is the wrong bytes, which only reading finds', async () => {
    const wrong = (digest: string) =>
      digest === layer ? { body: Buffer.alloc(two.parts[2]?.size ?? 0, 'x') } : null;
    const { at } = await registry(two, wrong);
    expect((await check([at], two)).result).toBe('available');
    const report = await check([at], two, { mode: 'read' });
    expect(report.result).toBe('unavailable');
    expect(report.parts.find(({ digest }) => digest === layer)).toMatchObject({
      result: 'malformed',
      reason: 'DigestMismatch',
      via: 'get',
    });
  });
});

test('a layer that no runtime could fetch makes the image invalid', async () => {
  const odd = image('amd64', ['one'], { digest: 'sha256:0' });
  const { at } = await registry(odd);
  expect(await check([at], odd)).toMatchObject({ result: 'invalid', reason: 'Malformed' });
});

test('a manifest of 7 MiB is not read', async () => {
  const huge = { ...two, root: { ...two.root, size: 7 * 1024 * 1024 } };
  const { server, at } = await registry(two);
  const report = await check([at], huge);
  expect(report.result).toBe('unavailable');
  expect(report.parts).toMatchObject([{ kind: 'manifest', result: 'malformed', reason: 'TooLarge' }]);
  expect(server.requests).toEqual([]);
});

test('external URLs on this machine are never asked for an endpoint elsewhere', async () => {
  const foreign = await serving(() => ({ body: 'one' }));
  const named = image('amd64', ['one'], { urls: [`${foreign.origin}/one`, 'http://169.254.169.254/one'] });
  const { at } = await registry(named);
  // The one that serves the manifest is on this machine, so the first URL is asked, and it has the layer.
  expect((await check([at], named)).parts.at(-1)).toMatchObject({
    result: 'available',
    endpoint: foreign.origin,
  });
  const metadata = image('amd64', ['one'], { urls: ['http://169.254.169.254/one'] });
  const again = await registry(metadata);
  const report = await check([again.at], metadata);
  expect(report.parts.at(-1)).toMatchObject({ result: 'malformed', reason: 'ForbiddenAddress' });
});

describe("the nodes' runtime", () => {
  const lost = two.parts[2]?.digest;
  const partial = { ...two, parts: two.parts.filter(({ digest }) => digest !== lost) };

  test.each([
    [
      'containerd asks every endpoint for each part',
      runtimeProfile('containerd-transfer', null),
      'available',
    ],
    [
      'CRI-O takes all parts from the endpoint of the manifest',
      runtimeProfile('crio-since-1.34', null),
      'not-found',
    ],
    [
      'dockerd takes all parts from the endpoint of the manifest',
      runtimeProfile('dockerd-graph', null),
      'not-found',
    ],
  ])('%s', async (_, profile, result) => {
    const mirror = await registry(partial);
    const upstream = await registry(two);
    const report = await check([mirror.at, upstream.at], two, {
      profiles: [profile],
      endpoint: mirror.at.url,
    });
    expect(report.result).toBe(result);
  });

  test.each([
    [runtimeProfile('containerd-local', { major: 1, minor: 4, patch: 0 }), ['LayerFormat']],
    [runtimeProfile('containerd-local', { major: 1, minor: 5, patch: 0 }), []],
    [runtimeProfile('dockerd-graph', { major: 20, minor: 10, patch: 0 }), ['LayerFormat']],
    [runtimeProfile('dockerd-graph', null), []],
  ])('$label and a layer in zstd', async (profile, warnings) => {
    const zstd = image('amd64', ['one'], { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' });
    const { at } = await registry(zstd);
    const report = await check([at], zstd, { profiles: [profile] });
    expect(report.warnings.map(({ code }) => code)).toEqual(warnings);
  });
});
