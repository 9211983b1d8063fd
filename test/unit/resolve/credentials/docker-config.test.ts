import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  DockerConfigError,
  decodeAuth,
  decodeEntry,
  parseDockerConfig,
} from '../../../../src/resolve/credentials/docker-config.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('decodeAuth', () => {
  test('every user and password comes back, padded, bare or broken into lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (user, password) => {
        fc.pre(!user.includes(':'));
        const auth = base64(`${user}:${password}`);
        const wanted = { username: user, password };
        expect(decodeAuth(auth)).toEqual(wanted);
        expect(decodeAuth(auth.replace(/=+$/, ''))).toEqual(wanted);
        expect(decodeAuth(auth.replace(/.{5}/g, '$&\r\n'))).toEqual(wanted);
      }),
    );
  });

  test.each(['', '===', 'a', 'YTpi ', ' YTpi', 'YTpi=', 'YTo=YTo=', 'Y_o-', base64('nocolon')])(
    '%j is refused',
    (auth) => {
      expect(() => decodeAuth(auth)).toThrow(DockerConfigError);
    },
  );
});

describe('decodeEntry', () => {
  test('auth beats user and password; tokens are kept apart', () => {
    expect(
      decodeEntry({
        username: 'a',
        password: 'b',
        auth: base64('c:d'),
        identitytoken: 'i',
        registrytoken: 'r',
      }),
    ).toEqual({ username: 'c', password: 'd', email: '', identityToken: 'i', registryToken: 'r' });
  });

  test('names of members have any case, and of several the last counts', () => {
    expect(decodeEntry({ UserName: 'a', PASSWORD: 'b', username: 'c' })).toMatchObject({
      username: 'c',
      password: 'b',
    });
  });

  test.each([['x'], [1], [[]], [{ username: 1 }], [{ auth: {} }]])('%j is refused', (value) => {
    expect(() => decodeEntry(value)).toThrow(DockerConfigError);
  });
});

describe('parseDockerConfig', () => {
  test('entries stand below auths, in the older form at the top', () => {
    const entry = { auth: base64('u:p') };
    const [json] = parseDockerConfig(
      JSON.stringify({ auths: { r: entry }, credsStore: 'x' }),
      'json',
    ).entries;
    const [legacy] = parseDockerConfig(JSON.stringify({ r: entry }), 'legacy').entries;
    expect(json).toEqual(['r', expect.objectContaining({ username: 'u', password: 'p' })]);
    expect(legacy).toEqual(json);
  });

  test.each<[string, object, readonly string[]]>([
    ['config.json', { auths: { 'quay.io': {} }, HttpHeaders: { 'User-Agent': 'x' } }, ['quay.io']],
    ['config.json with other settings only', { credsStore: 'ecr-login', credHelpers: { 'gcr.io': 'x' } }, []],
    ['config.json as Go reads it', { Auths: { 'quay.io': {} } }, ['quay.io']],
    ['config.json with a registry beside auths', { auths: {}, 'quay.io': {} }, []],
    ['.dockercfg', { 'https://index.docker.io/v1/': {}, quay: {} }, ['https://index.docker.io/v1/', 'quay']],
    ['.dockercfg of localhost', { localhost: {} }, ['localhost']],
    ['.dockercfg with a port', { 'registry:5000': {} }, ['registry:5000']],
    ['nothing', {}, []],
  ])('a file of either form is read as what it is: %s', (_title, content, keys) => {
    const { entries, malformed } = parseDockerConfig(JSON.stringify(content), 'either');
    expect(entries.map(([key]) => key)).toEqual(keys);
    expect(malformed).toEqual([]);
  });

  test('a malformed entry is named and hides nobody', () => {
    const text = JSON.stringify({ auths: { bad: { auth: '!' }, good: { username: 'u', password: 'p' } } });
    const { entries, malformed } = parseDockerConfig(text, 'json');
    expect(entries.map(([key]) => key)).toEqual(['good']);
    expect(malformed).toEqual(['bad']);
  });

  test('a key that is a name of the language is a key like any other', () => {
    const { entries } = parseDockerConfig(
      '{"auths":{"__proto__":{"username":"u"},"constructor":{}}}',
      'json',
    );
    expect(entries.map(([key]) => key)).toEqual(['__proto__', 'constructor']);
  });

  test.each(['', '{', '[]', '"x"', '{"auths":[]}', '{} x'])('%j is refused', (text) => {
    expect(() => parseDockerConfig(text, 'json')).toThrow(DockerConfigError);
  });

  test('an error never shows what was in the text', () => {
    expect(() => parseDockerConfig('{"auths": hunter2', 'json')).toThrow(/^not JSON$/);
  });
});
