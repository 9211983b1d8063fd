import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  distinct,
  type PlatformParts,
  readPlatforms,
} from '../../../../../src/resolve/inspection/image/platforms.ts';
import type { Descriptor, IndexEntry, Manifest } from '../../../../../src/resolve/manifest/manifest.ts';
import { formatAll } from '../../../../../src/resolve/platform/format.ts';
import type { Platform } from '../../../../../src/resolve/platform/platform.ts';
import { digestOf } from '../../../../../src/resolve/reference/digest.ts';

const plain: Platform = { os: 'linux', architecture: 'amd64', variant: '', osVersion: '', osFeatures: [] };
const digest = digestOf('sha256', Buffer.from(''));
const descriptor: Descriptor = { mediaType: 'x', digest, size: 1, urls: [] };
const entry: IndexEntry = { ...descriptor, platform: null, attestation: false };
const image: Manifest = {
  kind: 'image',
  mediaType: 'x',
  config: descriptor,
  layers: [],
  hasSwappedType: false,
};
const indexOf = (count: number): Manifest => ({
  kind: 'index',
  mediaType: 'x',
  entries: Array.from({ length: count }, () => entry),
  hasSwappedType: false,
});

/** Counts what is fetched. */
function parts(manifest: () => Manifest | null): PlatformParts & { readonly fetched: () => number } {
  let fetched = 0;
  return {
    fetched: () => fetched,
    manifest: () => {
      fetched++;
      return Promise.resolve(manifest());
    },
    config: () => Promise.resolve({ platform: plain, isOperatorBundle: false }),
    isAbsent: () => false,
  };
}

describe('what is fetched to learn platforms', () => {
  test('at most sixteen children of an index, each left out of which is told', async () => {
    const from = parts(() => image);
    const found = await readPlatforms(indexOf(20), from);
    expect(from.fetched()).toBe(16);
    expect(found.raw).toHaveLength(16);
    expect(found.warnings.map(({ code }) => code)).toEqual(Array(4).fill('PlatformUnknown'));
  });

  test('indexes within indexes end', async () => {
    const from = parts(() => indexOf(3));
    const found = await readPlatforms(indexOf(3), from);
    expect(from.fetched()).toBeLessThanOrEqual(16);
    expect(found.raw).toEqual([]);
  });

  test('nothing of an index that names all its platforms', async () => {
    const from = parts(() => null);
    const entries = [
      { ...entry, platform: plain },
      { ...entry, platform: plain, attestation: true },
    ];
    expect(
      await readPlatforms({ kind: 'index', mediaType: 'x', entries, hasSwappedType: false }, from),
    ).toEqual({
      raw: [plain],
      warnings: [],
      complete: true,
      isPartial: false,
    });
    expect(from.fetched()).toBe(0);
  });

  test('a part that could not be had, and is not certainly absent, ends it', async () => {
    const broken = { ...parts(() => image), config: () => Promise.reject(new Error('503')) };
    await expect(readPlatforms(indexOf(1), broken)).rejects.toThrow('503');
    await expect(readPlatforms(indexOf(1), { ...broken, isAbsent: () => true })).resolves.toMatchObject({
      isPartial: true,
    });
  });
});

test('distinct platforms keep their order, have one spelling each, and stay as they are the second time', () => {
  const platform = fc.record({
    os: fc.constantFrom('linux', 'Linux', 'windows'),
    architecture: fc.constantFrom('amd64', 'x86_64', 'arm64', 'aarch64', 'arm', 'armhf'),
    variant: fc.constantFrom('', 'v8', 'v7', '7'),
    osVersion: fc.constantFrom('', '10.0.20348.1'),
    osFeatures: fc.constant([]),
  });
  fc.assert(
    fc.property(fc.array(platform), (raw) => {
      const once = distinct(raw);
      const texts = once.map(formatAll);
      expect(new Set(texts).size).toBe(texts.length);
      expect(distinct(once)).toEqual(once);
      if (raw[0]) expect(once[0]).toEqual(distinct([raw[0]])[0]);
    }),
  );
});
