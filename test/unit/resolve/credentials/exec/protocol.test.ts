import { describe, expect, test } from '@jest/globals';
import { environmentOf, mergeEnv } from '../../../../../src/resolve/credentials/exec/environment.ts';
import { decodeResponse, encodeRequest } from '../../../../../src/resolve/credentials/exec/protocol.ts';

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
const response = { kind: 'CredentialProviderResponse', apiVersion, cacheKeyType: 'Image' };

describe('the protocol', () => {
  test('a request names the image and nothing that is not there', () => {
    expect(encodeRequest(apiVersion, { image: 'r.example/app' })).toBe(
      `{"kind":"CredentialProviderRequest","apiVersion":"${apiVersion}","image":"r.example/app"}`,
    );
  });

  test('a response may leave out what has a default', () => {
    expect(decodeResponse(JSON.stringify({ ...response, cacheDuration: null, auth: null }))).toEqual({
      apiVersion,
      cacheKeyType: 'Image',
      cacheDurationMs: null,
      auth: {},
    });
  });

  test.each([
    ['no JSON', 'user:password'],
    ['another kind', JSON.stringify({ ...response, kind: 'Other' })],
    ['another version', JSON.stringify({ ...response, apiVersion: 'v1' })],
    ['an unknown way of caching', JSON.stringify({ ...response, cacheKeyType: 'Host' })],
    ['a duration without unit', JSON.stringify({ ...response, cacheDuration: '5' })],
    ['an unknown member', JSON.stringify({ ...response, token: 'x' })],
    ['an unknown member of an entry', JSON.stringify({ ...response, auth: { r: { auth: 'x' } } })],
  ])('%s is not a response', (_, text) => {
    expect(decodeResponse(text)).toBeNull();
  });
});

test('of two variables with one name the configured one counts; a value may hold anything', () => {
  const merged = mergeEnv(['PATH=/bin', 'A=1'], ['A=2=3\n', 'EMPTY=']);
  expect(environmentOf(merged)).toEqual({ PATH: '/bin', A: '2=3\n', EMPTY: '' });
});
