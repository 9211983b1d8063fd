import { beforeEach, describe, expect, test } from '@jest/globals';
import { eligiblePlatform } from '../../../../../src/judge/nodes/fit.ts';
import { anonymous } from '../../../../../src/resolve/credentials/credential.ts';
import type {
  ImageContent,
  Inspection,
  InspectRequest,
} from '../../../../../src/resolve/inspection/inspection.ts';
import { parsePlatform } from '../../../../../src/resolve/platform/parse.ts';
import { type Digest, digestOf } from '../../../../../src/resolve/reference/digest.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import { deadlineIn } from '../../../../../src/util/async/deadline.ts';
import { compareContents } from '../../../../../src/watch/controller/inspect/compare-contents.ts';
import { inspectionOf } from '../../../judge/scripted-inspector.ts';

const of = (name: string): Digest => digestOf('sha256', Buffer.from(name));
let requested: Digest[];
let registry: Map<Digest, readonly ImageContent[]>;

beforeEach(() => {
  requested = [];
  registry = new Map();
});

/** Stores a single manifest. */
function image(name: string, config: string): Digest {
  registry.set(of(name), [{ manifest: of(name), platform: null, config: of(config) }]);
  return of(name);
}

/** Stores an index of `platform → manifest`. */
function index(name: string, entries: Readonly<Record<string, Digest>>): Digest {
  const contents = Object.entries(entries).map(([platform, manifest]) => ({
    manifest,
    platform: parsePlatform(platform),
    config: null,
  }));
  registry.set(of(name), contents);
  return of(name);
}

function inspection(digest: Digest): Inspection {
  const contents = registry.get(digest);
  return contents
    ? inspectionOf(`app@${digest}`, { digest, contents })
    : inspectionOf(`app@${digest}`, { result: 'not-found' });
}

async function relate(running: Digest, current: Digest | readonly Digest[], platforms = ['linux/amd64']) {
  const inspector = {
    inspect: ({ reference }: InspectRequest) => {
      const digest = reference.digest ?? of('tag');
      requested.push(digest);
      return Promise.resolve(inspection(digest));
    },
  };
  const relations = await compareContents([running], [current].flat().map(inspection), {
    inspector,
    reference: parseReference('app:1'),
    credentials: anonymous,
    deadline: deadlineIn(1_000),
    platforms: platforms.map((each) => eligiblePlatform(parsePlatform(each), 'strict')),
  });
  return relations.get(running);
}

describe('compareContents', () => {
  test('sends no request for the digest of the tag, or a manifest of its index', async () => {
    const child = image('child', 'config');
    const current = index('index', { 'linux/amd64': child });
    expect(await relate(current, current)).toBeUndefined();
    expect(await relate(child, current)).toBe('same');
    expect(requested).toEqual([]);
  });

  test('finds an image with the same manifest in another index the same', async () => {
    const child = image('child', 'config');
    const other = index('other', { 'linux/amd64': child, 'linux/arm64': image('arm', 'arm config') });
    expect(await relate(other, index('index', { 'linux/amd64': child }))).toBe('same');
    expect(requested).toEqual([other]);
  });

  test('finds a single manifest with the same configuration the same', async () => {
    const current = index('index', { 'linux/amd64': image('oci', 'config') });
    expect(await relate(image('docker', 'config'), current)).toBe('same');
  });

  test('finds another configuration different', async () => {
    const current = index('index', { 'linux/amd64': image('new', 'new config') });
    expect(await relate(image('old', 'old config'), current)).toBe('different');
    expect(await relate(index('old index', { 'linux/amd64': of('old') }), current)).toBe('different');
  });

  test('compares only the platforms of the nodes', async () => {
    const arm = image('arm', 'arm config');
    const before = index('before', { 'linux/amd64': image('old', 'old config'), 'linux/arm64': arm });
    const now = index('now', { 'linux/amd64': image('new', 'new config'), 'linux/arm64': arm });
    expect(await relate(before, now, ['linux/amd64'])).toBe('different');
    expect(await relate(before, now, ['linux/arm64'])).toBe('same');
    expect(await relate(before, now, ['linux/amd64', 'linux/arm64'])).toBe('unknown');
  });

  test('is unknown if the registry no longer has the digest or a part of it', async () => {
    const current = image('new', 'new config');
    expect(await relate(of('gone'), current)).toBe('unknown');
    expect(await relate(index('old index', { 'linux/amd64': of('gone') }), current)).toBe('unknown');
  });

  test('is unknown if the image has no manifest for the nodes', async () => {
    const current = image('new', 'new config');
    const windows = index('windows', { 'windows/amd64': image('old', 'old config') });
    expect(await relate(windows, current)).toBe('unknown');
  });

  test('is different only if all current images are', async () => {
    const [one, other] = [image('one', 'one config'), image('other', 'other config')];
    expect(await relate(image('running', 'other config'), [one, other])).toBe('same');
    expect(await relate(image('old', 'old config'), [one, other])).toBe('different');
    expect(await relate(image('old', 'old config'), [one, index('gone', { 'linux/amd64': of('x') })])).toBe(
      'unknown',
    );
  });
});
