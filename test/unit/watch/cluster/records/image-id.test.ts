import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseImageId } from '../../../../../src/watch/cluster/records/image-id.ts';

const hex = 'a1'.repeat(32);
const digest = `sha256:${hex}`;

describe('parseImageId returns repository and digest', () => {
  test.each([
    ['containerd', `docker.io/library/nginx@${digest}`, 'docker.io/library/nginx'],
    ['containerd, by tag and digest', `docker.io/library/nginx:1@${digest}`, 'docker.io/library/nginx:1'],
    ['CRI-O', `registry.corp:5000/team/app@${digest}`, 'registry.corp:5000/team/app'],
    ['dockershim', `docker-pullable://nginx@${digest}`, 'nginx'],
    ['a registry by IPv6', `[::1]:5000/app@${digest}`, '[::1]:5000/app'],
  ])('for %s: %s', (_runtime, imageId, repository) => {
    expect(parseImageId(imageId)).toEqual({ repository, digest });
  });

  test('accepts a longer digest', () => {
    const long = `sha512:${'b2'.repeat(64)}`;
    expect(parseImageId(`nginx@${long}`)?.digest).toBe(long);
  });
});

describe('parseImageId returns null', () => {
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
  ])('for %s: %s', (_title, imageId) => {
    expect(parseImageId(imageId)).toBeNull();
  });

  test('returns a digest or null for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseImageId(text)?.digest ?? digest).toMatch(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/);
      }),
    );
  });
});
