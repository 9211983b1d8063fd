import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeRegistryAuth } from '../../../../src/serve/engine-api/registry-auth.ts';

/** Base64 of the URL alphabet, with padding. */
function encoded(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function decoded(document: unknown) {
  return decodeRegistryAuth(encoded(JSON.stringify(document)));
}

describe('a credential is read from', () => {
  test('user and password', () => {
    expect(decoded({ username: 'user', password: 'pass' })).toEqual({ username: 'user', password: 'pass' });
  });

  test('tokens', () => {
    expect(decoded({ identitytoken: 'refresh' })).toEqual({
      username: '',
      password: '',
      identityToken: 'refresh',
    });
    expect(decoded({ registrytoken: 'given' })).toEqual({
      username: '',
      password: '',
      registryToken: 'given',
    });
  });

  test('a document with members that are not looked at, whatever they are', () => {
    const other = { serveraddress: 'other.example', email: null, auth: 'x', added: [1] };
    expect(decoded({ username: 'user', password: 'pass', ...other })).toEqual({
      username: 'user',
      password: 'pass',
    });
  });

  test('members in any case, and null for a member that is not set', () => {
    expect(decoded({ UserName: 'user', PASSWORD: 'pass', identitytoken: null })).toEqual({
      username: 'user',
      password: 'pass',
    });
  });

  test('a document with white space around it', () => {
    expect(decodeRegistryAuth(encoded(' {"username":"u","password":"p"}\n\t '))?.username).toBe('u');
  });

  test('any user and password', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), (username, password) => {
        expect(decoded({ username, password })).toEqual({ username, password });
      }),
    );
  });
});

describe('there is no credential in', () => {
  const json = '{"username":"user","password":"pass1"}';

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['what is not base64', '%%%'],
    ['the standard alphabet', Buffer.from('{"username":"user","x":">>>???"}').toString('base64')],
    ['base64 without padding', Buffer.from(json).toString('base64url')],
    ['base64 with too much padding', `${encoded(json)}====`],
    ['what is not JSON', encoded('hello')],
    ['two documents', encoded(`${json}{}`)],
    ['null', encoded('null')],
    ['a list', encoded('[]')],
    ['a text', encoded('"user"')],
    ['an empty document', encoded('{}')],
    ['empty members', encoded('{"username":"","password":""}')],
    ['a number for a password', encoded('{"username":"user","password":1}')],
    ['an object for a token', encoded('{"registrytoken":{}}')],
    ['a member of the prototype', encoded('{"__proto__":{"username":"user"}}')],
    ['only the member auth', encoded('{"auth":"dXNlcjpwYXNz"}')],
    ['a token that no header can carry', encoded('{"registrytoken":"a\\r\\nX-Other: b"}')],
  ])('%s', (_what, header) => {
    if (header?.includes('+') || header?.includes('/')) expect(header).toMatch(/[+/]/);
    expect(decodeRegistryAuth(header)).toBeNull();
  });

  test('any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(decodeRegistryAuth(text)).toBeNull()));
  });
});
