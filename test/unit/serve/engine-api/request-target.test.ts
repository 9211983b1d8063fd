import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  maxApiVersion,
  minApiVersion,
  parseRequestTarget,
  readsJsonErrors,
  versionProblem,
} from '../../../../src/serve/engine-api/request-target.ts';

const digest = `sha256:${'a'.repeat(64)}`;

/** The image that a path names; null if it is not a look-up. */
function nameIn(path: string): string | null {
  const target = parseRequestTarget(path);
  return target.kind === 'known' && target.route.kind === 'distribution' ? target.route.name : null;
}

describe('the name of an image', () => {
  test.each([
    ['/distribution/hello/json', 'hello'],
    ['/distribution/a/b/c:json/json', 'a/b/c:json'],
    ['/distribution/json/json', 'json'],
    ['/v1.44/distribution/hello/json', 'hello'],
    ['/distribution/docker.io%2Flibrary%2Fhello%3Alatest/json', 'docker.io/library/hello:latest'],
    [`/distribution/hello%40${digest}/json`, `hello@${digest}`],
    ['/distribution/hello%2Fjson', 'hello'],
    ['/distribution/library%252Fhello/json', 'library%2Fhello'],
    ['/distribution/h%C3%A4l/json', 'häl'],
    ['/distribution/h%FFl/json', 'h\ufffdl'],
    ['/distribution/hello%00/json', 'hello\0'],
    ['/distribution/hello%0D/json', 'hello\r'],
    ['/distribution/hello/json?x=1&y#z', 'hello'],
  ])('in %s is decoded once', (path, name) => {
    expect(nameIn(path)).toBe(name);
  });

  test.each([
    '/distribution/json',
    '/distribution/hello',
    '/distribution/hello/json/',
    '/distribution/hello%0A/json',
    '/Distribution/hello/json',
    '/distribution/hello/JSON',
    '/v/distribution/hello/json',
    '/vx/distribution/hello/json',
    '/v1.44/v1.44/distribution/hello/json',
  ])('is not in %s', (path) => {
    expect(nameIn(path)).toBeNull();
  });

  test('survives percent-encoding, whatever it is', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\n/.]/.test(text));
    fc.assert(
      fc.property(texts, (name) => {
        expect(nameIn(`/distribution/${encodeURIComponent(name)}/json`)).toBe(name);
      }),
    );
  });
});

test.each([
  '//_ping',
  '/./_ping',
  '/a/../_ping',
  '/_ping/..',
  '/distribution/a//json',
  '/%2F_ping',
  '/a%2F..%2Fb',
])('%s is not a clean path, so nothing is served there', (path) => {
  expect(parseRequestTarget(path)).toEqual({ kind: 'unknown' });
});

test('dots within a name do not make a path unclean', () => {
  expect(nameIn('/distribution/a..b/.c/json')).toBe('a..b/.c');
});

test.each([
  ['/distribution/%zz/json', '%zz'],
  ['/distribution/%4', '%4'],
  ['/%', '%'],
])('%s has a bad escape', (path, escape) => {
  expect(parseRequestTarget(path)).toEqual({ kind: 'malformed', escape });
});

test('a bad escape in the query means nothing', () => {
  expect(parseRequestTarget('/_ping?%zz')).toMatchObject({ kind: 'known', route: { kind: 'ping' } });
});

test('the document is served without a version only', () => {
  expect(parseRequestTarget('/openapi.yaml')).toMatchObject({ kind: 'known', route: { kind: 'document' } });
  expect(parseRequestTarget('/v1.44/openapi.yaml')).toEqual({ kind: 'unknown' });
});

test('any path is parsed without an error', () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      expect(parseRequestTarget(path).kind).toMatch(/^(known|unknown|malformed)$/);
    }),
  );
});

describe('a version', () => {
  const ping = { kind: 'ping' } as const;
  const distribution = { kind: 'distribution', name: 'hello' } as const;

  test.each([maxApiVersion, minApiVersion, '1.44', '1.44.1', '1.044', '01.44'])('%s is served', (version) => {
    expect(versionProblem(version, ping)).toBeNull();
  });

  test.each([`${maxApiVersion}.1`, '1.52', '1.100', '2', '9999', '9'.repeat(400)])(
    '%s is too new',
    (version) => {
      expect(versionProblem(version, ping)).toBe(
        `client version ${version} is too new. Maximum supported API version is ${maxApiVersion}`,
      );
    },
  );

  test.each(['1.23', '1.3', '1', '0.9', '.', '...'])('%s is too old', (version) => {
    expect(versionProblem(version, ping)).toBe(
      `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`,
    );
  });

  test('below 1.30 has no look-up of images', () => {
    expect(versionProblem('1.29', distribution)).toContain('requires minimum API version 1.30');
    expect(versionProblem('1.30', distribution)).toBeNull();
    expect(versionProblem('1.29', ping)).toBeNull();
  });

  test('below 1.24 means a client that reads errors as text', () => {
    expect([null, '1.24', '2', '1.23', '.'].map(readsJsonErrors)).toEqual([true, true, true, false, false]);
  });
});
