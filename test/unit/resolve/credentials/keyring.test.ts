import { describe, expect, test } from '@jest/globals';
import type { DockerEntry } from '../../../../src/resolve/credentials/docker-config.ts';
import { keyring } from '../../../../src/resolve/credentials/keyring.ts';

function entry(username: string): DockerEntry {
  return { username, password: 'p', email: '', identityToken: '', registryToken: '' };
}

/** Users found for `image`; each key is its own user. */
function found(keys: readonly string[], image: string): string[] {
  return keyring(keys.map((key) => [key, entry(key)]))
    .lookup(image)
    .map(({ username }) => username);
}

describe('keyring', () => {
  test('longer paths come before shorter ones, and all that match are there', () => {
    const keys = [
      'corp.example',
      'corp.example/team',
      '*.example',
      'corp.example/other',
      'corp.example/team/app',
    ];
    expect(found(keys, 'corp.example/team/app')).toEqual([
      'corp.example/team/app',
      'corp.example/team',
      'corp.example',
      '*.example',
    ]);
  });

  test('keys that mean the same keep their order', () => {
    expect(
      found(['https://corp.example/v1/', 'corp.example', 'http://corp.example/'], 'corp.example/x'),
    ).toEqual(['https://corp.example/v1/', 'corp.example', 'http://corp.example/']);
  });

  test("Docker Hub's own key covers its images only when nothing else does", () => {
    expect(found(['https://index.docker.io/v1/'], 'docker.io/team/app')).toEqual([
      'https://index.docker.io/v1/',
    ]);
    expect(found(['https://index.docker.io/v1/', 'docker.io'], 'docker.io/team/app')).toEqual(['docker.io']);
    expect(found(['https://index.docker.io/v1/'], 'quay.io/team/app')).toEqual([]);
  });

  test('a key that is not a URL is left out', () => {
    expect(found(['a b', 'a[', 'corp.example'], 'corp.example/x')).toEqual(['corp.example']);
  });
});
