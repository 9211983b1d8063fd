import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { digestInImageId } from '../../../../../src/watch/cluster/records/image-id.ts';

const hex = 'a1'.repeat(32);
const digest = `sha256:${hex}`;

describe('digestInImageId returns the manifest digest', () => {
  test.each([
    ['containerd', `docker.io/library/nginx@${digest}`],
    ['containerd, by tag and digest', `docker.io/library/nginx:1@${digest}`],
    ['CRI-O', `registry.corp:5000/team/app@${digest}`],
    ['dockershim', `docker-pullable://nginx@${digest}`],
    ['a registry by IPv6', `[::1]:5000/app@${digest}`],
  ])('%s: %s', (_runtime, imageId) => {
    expect(digestInImageId(imageId)).toBe(digest);
  });

  test('accepts a longer digest', () => {
    const long = `sha512:${'b2'.repeat(64)}`;
    expect(digestInImageId(`nginx@${long}`)).toBe(long);
  });
});

describe('digestInImageId returns null', () => {
  test.each([
    ['a container that does not run yet', ''],
    ['containerd, of an image that was loaded: the digest of a configuration', digest],
    ['dockershim, of an image that was loaded', `docker://${digest}`],
    ['dockershim, with nothing before the digest', `docker-pullable://@${digest}`],
    ['CRI-O, of an image that was loaded', hex],
    ['a name alone', 'docker.io/library/nginx:1'],
    ['a digest that is too short', `nginx@sha256:${hex.slice(1)}`],
    ['one of an unknown algorithm', `nginx@md5:${hex}`],
    ['a digest with more behind it', `nginx@${digest}@`],
    ['nothing before it', `@${digest}`],
    ['a text that is far too long', `${'n'.repeat(2_000)}@${digest}`],
  ])('%s: %s', (_what, imageId) => {
    expect(digestInImageId(imageId)).toBeNull();
  });

  test('returns a digest or null for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(digestInImageId(text) ?? digest).toMatch(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/);
      }),
    );
  });
});
