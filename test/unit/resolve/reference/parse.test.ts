import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidDigest } from '../../../../src/resolve/reference/digest.ts';
import { InvalidReference, type InvalidReferenceCode } from '../../../../src/resolve/reference/error.ts';
import { canonical, familiar } from '../../../../src/resolve/reference/format.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import { junk, reference } from './arbitraries.ts';

const hex = '0123456789abcdef'.repeat(4);

function refusal(image: string): InvalidReference {
  try {
    parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
  throw new Error(`${image} was accepted`);
}

describe('parseReference', () => {
  test.each([
    ['a lone name is an official image on Docker Hub', 'nginx', 'docker.io/library/nginx:latest'],
    ['a tag is kept', 'nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['a namespace replaces library', 'team/app', 'docker.io/team/app:latest'],
    ['docker.io without a namespace gets library', 'docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io is Docker Hub', 'index.docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['registry-1.docker.io is a registry of its own', 'registry-1.docker.io/a:1', 'registry-1.docker.io/a:1'],
    ['a dot makes a host', 'quay.io/app', 'quay.io/app:latest'],
    ['a port makes a host', 'registry:5000/app', 'registry:5000/app:latest'],
    ['localhost is a host', 'localhost/app', 'localhost/app:latest'],
    ['a capital makes a host', 'Registry/app', 'Registry/app:latest'],
    ['a plain first part is a namespace', 'registry/app', 'docker.io/registry/app:latest'],
    ['without a slash even host:port is name:tag', 'localhost:5000', 'docker.io/library/localhost:5000'],
    ['an IPv6 host in brackets', '[fd00::1]:5000/app', '[fd00::1]:5000/app:latest'],
    ['an IPv4 host', '10.0.0.1/app', '10.0.0.1/app:latest'],
    ['a digest needs no tag', `nginx@sha256:${hex}`, `docker.io/library/nginx@sha256:${hex}`],
    ['sha512 is known', `nginx@sha512:${hex}${hex}`, `docker.io/library/nginx@sha512:${hex}${hex}`],
    ['a tag stays beside a digest', `a:1@sha256:${hex}`, `docker.io/library/a:1@sha256:${hex}`],
    ['a tag may have capitals and a leading _', 'a:_RC.1-x', 'docker.io/library/a:_RC.1-x'],
    ['scratch elsewhere is a name like any other', 'example.com/scratch', 'example.com/scratch:latest'],
    ['scratch below another namespace too', 'team/scratch', 'docker.io/team/scratch:latest'],
    ['sha256 with a short tag is a name', 'sha256:abc', 'docker.io/library/sha256:abc'],
    ['63 hexadecimal digits are a name', hex.slice(1), `docker.io/library/${hex.slice(1)}:latest`],
  ])('%s', (_, image, want) => {
    expect(canonical(parseReference(image))).toBe(want);
  });

  test.each<[string, string, InvalidReferenceCode]>([
    ['nothing', '', 'Empty'],
    ['white space only', ' ', 'Format'],
    ['a trailing newline', 'nginx:1.27\n', 'Format'],
    ['a trailing newline after a digest', `nginx@sha256:${hex}\n`, 'Format'],
    ['a leading space', ' nginx', 'Format'],
    ['a NUL', 'nginx\0', 'Format'],
    ['a scheme', 'https://quay.io/app', 'Format'],
    ['an empty tag', 'nginx:', 'Format'],
    ['two tags', 'nginx:1:2', 'Format'],
    ['a tag of 129 characters', `nginx:${'a'.repeat(129)}`, 'Format'],
    ['an empty path part', 'quay.io//app', 'Format'],
    ['three underscores', 'a___b', 'Format'],
    ['letters beyond ASCII', 'ngïnx', 'Format'],
    ['an IPv6 zone', '[fe80::1%eth0]/app', 'Format'],
    ['an IPv6 host without brackets', 'fd00::1/app', 'Format'],
    ['a host without a path', 'quay.io/', 'Format'],
    ['a port that is not a number', 'quay.io:http/app', 'Format'],
    ['upper case in a lone name', 'Nginx', 'Uppercase'],
    ['upper case after the host', 'quay.io/Team/app', 'Uppercase'],
    ['a digest of the wrong length', `nginx@sha256:${hex.slice(2)}`, 'Digest'],
    ['a digest in upper case', `nginx@sha256:${hex.toUpperCase()}`, 'Digest'],
    ['an unknown digest algorithm', `nginx@md5:${hex.slice(32)}`, 'Digest'],
    ['a bare digest', `sha256:${hex}`, 'ImageId'],
    ['64 bare hexadecimal digits', hex, 'ImageId'],
    ['scratch', 'scratch', 'Reserved'],
    ['scratch with a tag', 'scratch:1', 'Reserved'],
    ['scratch with a digest', `scratch@sha256:${hex}`, 'Reserved'],
    ['scratch in full', 'docker.io/library/scratch', 'Reserved'],
    ['scratch on the old Docker Hub', 'index.docker.io/scratch', 'Reserved'],
    ['megabytes', 'a/'.repeat(1_000_000), 'TooLong'],
  ])('refuses %s', (_, image, code) => {
    expect(refusal(image).code).toBe(code);
  });

  test('a path may have 255 characters, host and tag not counted', () => {
    const path = 'a'.repeat(255);
    expect(parseReference(`registry.example.com:5000/${path}:${'t'.repeat(128)}`).path).toBe(path);
    expect(refusal(`registry.example.com/${path}a`).code).toBe('TooLong');
    // library/ counts, as upstream counts it.
    expect(refusal(path).code).toBe('TooLong');
  });

  test('a wrong digest is the cause', () => {
    const { cause } = refusal(`nginx@sha256:${hex}00`);
    expect(cause).toBeInstanceOf(InvalidDigest);
    expect(cause).toHaveProperty('code', 'Length');
  });

  test.each([
    ['nginx ', 'white space'],
    ['docker://nginx', 'scheme'],
    ['quay.io/{{ .app }}', 'placeholder'],
    ['quay.io/$(team)/app', 'placeholder'],
    ['nginx:', 'followed by a tag'],
    ['nginx@sha256:abc', '64 hexadecimal digits'],
    ['quay.io//app', 'empty part'],
    ['-nginx', '[host[:port]/]repository'],
  ])('the refusal of %j says what to do', (image, advice) => {
    expect(refusal(image).message).toContain(advice);
  });

  test('a message shows no controls and stays short', () => {
    const { message } = refusal(`a\u001b[31m\u202e${'x'.repeat(900)} `);
    expect(message).not.toMatch(/[\u001b\u202e]/);
    expect(message.length).toBeLessThan(500);
  });

  test('reads back what canonical writes', () => {
    fc.assert(
      fc.property(reference, (given) => {
        expect(parseReference(canonical(given))).toEqual(given);
      }),
    );
  });

  test('reads back what familiar writes, unless a namespace on Docker Hub looks like a host', () => {
    fc.assert(
      fc.property(reference, (given) => {
        fc.pre(given.domain !== 'docker.io' || !/^(?:[^/]*\.[^/]*|localhost)\//.test(given.path));
        expect(parseReference(familiar(given))).toMatchObject(given);
      }),
    );
    const hub = parseReference('docker.io/team.a/app');
    expect(parseReference(familiar(hub)).domain).toBe('team.a');
  });

  test('any text gives a reference that reads back, or an InvalidReference', () => {
    fc.assert(
      fc.property(junk, (text) => {
        try {
          const { shortName: _shortName, ...parsed } = parseReference(text);
          expect(parseReference(canonical(parsed))).toEqual(parsed);
        } catch (error) {
          if (!(error instanceof InvalidReference)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['separators', `${'a-'.repeat(500)}!`],
    ['dots', `${'a.'.repeat(500)}!`],
    ['slashes', `${'a/'.repeat(500)}!`],
    ['dashes', `a${'-'.repeat(1000)}!`],
    ['letters', `${'a'.repeat(1000)}!`],
    ['at signs', `a${'@'.repeat(1000)}`],
  ])('many %s take no time', (_, image) => {
    const start = performance.now();
    for (let round = 0; round < 20; round++) refusal(image);
    // Measured far below 1 ms each; backtracking that is more than quadratic would take seconds.
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test.each([
  ['nginx', 'nginx'],
  ['library/nginx:1.27', 'library/nginx'],
  [`team/app@sha256:${'a'.repeat(64)}`, 'team/app'],
  ['docker.io/nginx', undefined],
  ['localhost/app', undefined],
  ['registry.corp:5000/app:1', undefined],
])('%s has the short name %s', (image, shortName) => {
  expect(parseReference(image).shortName).toBe(shortName);
});
