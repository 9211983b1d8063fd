import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  mirrorApiRoot,
  mirrorHost,
  validateMirror,
} from '../../../../../src/resolve/endpoints/dockerd/mirror.ts';
import { DocumentError } from '../../../../../src/document/document-error.ts';
import { anyUrl } from '../../../../kit/fakes/any-text.ts';

describe('registry-mirrors entries', () => {
  test.each([
    ['gets its trailing slash', 'https://hub.corp.test', 'https://hub.corp.test/'],
    ['keeps one trailing slash', 'https://hub.corp.test/', 'https://hub.corp.test/'],
    ['loses only one of several', 'https://hub.corp.test//', 'https://hub.corp.test//'],
    ['keeps its path and port', 'http://hub.corp.test:5000/cache', 'http://hub.corp.test:5000/cache/'],
  ])('a registry-mirrors entry %s', (_, entry, normal) => {
    expect(validateMirror(entry)).toBe(normal);
  });

  test.each([
    ['no scheme', 'hub.corp.test', /no scheme; write https:\/\/hub\.corp\.test/],
    ['another scheme', 'ftp://hub.corp.test', /scheme "ftp"/],
    ['a query', 'https://hub.corp.test/?a=b', /query or fragment/],
    ['a fragment that looks like a query', 'https://hub.corp.test/#?', /query or fragment/],
    ['a query after an empty one', 'https://hub.corp.test/??', /query or fragment/],
    ['a space in the host', 'https://hub corp.test', /not a valid URL/],
    ['a port that is not a number', 'https://hub.corp.test:http', /not a valid URL/],
    ['a line break', 'https://hub.corp.test\n', /not a valid URL/],
  ])('%s is rejected as a mirror', (_, entry, why) => {
    expect(() => validateMirror(entry)).toThrow(why);
    expect(() => validateMirror(entry)).toThrow(DocumentError);
  });

  test('a mirror with a password is rejected without repeating it', () => {
    expect(() => validateMirror('https://me:hunter2@hub.corp.test')).toThrow(/docker login/);
    expect(() => validateMirror('https://me:hunter2@hub.corp.test')).not.toThrow(/hunter2/);
  });

  test('normalising a mirror twice is the same as once', () => {
    const entry = anyUrl();
    fc.assert(
      fc.property(entry, (text) => expect(validateMirror(validateMirror(text))).toBe(validateMirror(text))),
    );
  });

  test.each([
    ['below the path', 'https://hub.corp.test/cache/', 'https://hub.corp.test/cache/v2'],
    ['without a bare mark', 'https://hub.corp.test/?/', 'https://hub.corp.test/v2'],
    [
      'at a host named HTTP when the scheme is in capitals',
      'HTTP://hub.corp.test/',
      'https://HTTP://hub.corp.test/v2',
    ],
  ])('a mirror is asked %s', (_, mirror, root) => {
    expect(mirrorApiRoot(mirror)).toBe(root);
  });

  test('the host of a mirror is its name in insecure-registries and certs.d', () => {
    expect(mirrorHost('https://Hub.corp.test:5000/cache/')).toBe('Hub.corp.test:5000');
    expect(mirrorHost('https://')).toBe('');
  });
});
