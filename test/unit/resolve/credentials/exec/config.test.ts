import { describe, expect, test } from '@jest/globals';
import {
  decodeProviderConfig,
  ProviderConfigError,
} from '../../../../../src/resolve/credentials/exec/config.ts';
import { validateProviders } from '../../../../../src/resolve/credentials/exec/validate.ts';

const provider = `
- name: ecr
  matchImages: ["*.dkr.ecr.*.amazonaws.com"]
  defaultCacheDuration: 12h
  apiVersion: credentialprovider.kubelet.k8s.io/v1
`;

function file(providers: string, version = 'v1'): string {
  return `apiVersion: kubelet.config.k8s.io/${version}\nkind: CredentialProviderConfig\nproviders:${providers}`;
}

function fields(providers: string): string[] {
  return validateProviders(decodeProviderConfig(file(providers)), true).map(({ field }) => field);
}

describe('decodeProviderConfig', () => {
  test('a provider with what it has, and nothing for what it has not', () => {
    expect(decodeProviderConfig(file(provider))).toEqual([
      {
        name: 'ecr',
        matchImages: ['*.dkr.ecr.*.amazonaws.com'],
        defaultCacheDurationMs: 43_200_000,
        apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
        args: [],
        env: [],
        tokenAttributes: null,
      },
    ]);
  });

  test('JSON will do', () => {
    const json = '{"kind":"CredentialProviderConfig","apiVersion":"kubelet.config.k8s.io/v1","providers":[]}';
    expect(decodeProviderConfig(json)).toEqual([]);
  });

  test.each([
    ['an unknown member', file(`${provider}  arg: [x]\n`), /arg/],
    ['a member in another case', file(`${provider}  Args: [x]\n`), /Args/],
    ['another version', file(provider, 'v2'), /apiVersion/],
    ['another kind', 'apiVersion: kubelet.config.k8s.io/v1\nkind: Config\n', /kind/],
    ['a duration without unit', file(provider.replace('12h', '"12"')), /"12" is not a duration/],
    ['no YAML', '{', /not YAML/],
    ['a key given twice', file(`${provider}  name: x\n`), /not YAML/],
    ['a list', '[]', /expected object/],
  ])('%s is refused', (_, text, message) => {
    expect(() => decodeProviderConfig(text)).toThrow(ProviderConfigError);
    expect(() => decodeProviderConfig(text)).toThrow(message);
  });
});

describe('validateProviders', () => {
  test('a good one has no problems', () => {
    expect(fields(provider)).toEqual([]);
  });

  test.each([
    ['a name that leaves the directory', 'name: ecr', 'name: ../ecr', 'providers.name'],
    ['an empty name', 'name: ecr', 'name: ""', 'providers.name'],
    ['a pattern that is not a URL', '*.dkr.ecr.*.amazonaws.com', 'a b', 'providers.matchImages'],
    ['a protocol that nobody speaks', 'k8s.io/v1', 'k8s.io/v7', 'providers.apiVersion'],
    ['a negative duration', '12h', '-12h', 'providers.defaultCacheDuration'],
    ['no duration', '  defaultCacheDuration: 12h\n', '', 'providers.defaultCacheDuration'],
  ])('%s', (_, from, to, field) => {
    expect(fields(provider.replace(from, to))).toEqual([field]);
  });

  test('two of one name', () => {
    expect(fields(provider + provider)).toEqual(['providers.name']);
  });

  const tokens = `${provider}  tokenAttributes:
    serviceAccountTokenAudience: sts
    requireServiceAccount: true
    cacheType: Token
    requiredServiceAccountAnnotationKeys: [ example.com/Role ]
`;

  test('tokens of service accounts, where they are allowed', () => {
    expect(fields(tokens)).toEqual([]);
    const off = validateProviders(decodeProviderConfig(file(tokens)), false);
    expect(off.map(({ field }) => field)).toEqual(['providers.tokenAttributes']);
  });

  test.each([
    ['a key with two slashes', 'example.com/Role', 'a/b/c', 'requiredServiceAccountAnnotationKeys'],
    ['a name too long', 'example.com/Role', 'x'.repeat(64), 'requiredServiceAccountAnnotationKeys'],
    ['an unknown way of caching', 'Token\n', 'Never\n', 'cacheType'],
    [
      'keys that are required of nobody',
      'requireServiceAccount: true',
      'requireServiceAccount: false',
      'requiredServiceAccountAnnotationKeys',
    ],
  ])('%s', (_, from, to, field) => {
    expect(fields(tokens.replace(from, to))).toEqual([`providers.tokenAttributes.${field}`]);
  });

  test('a key both required and optional', () => {
    expect(fields(`${tokens}    optionalServiceAccountAnnotationKeys: [ example.com/Role ]\n`)).toEqual([
      'providers.tokenAttributes',
    ]);
  });
});
