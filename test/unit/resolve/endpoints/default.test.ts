import { describe, expect, test } from '@jest/globals';
import { parseContainerdVersion } from '../../../../src/resolve/endpoints/runtime/containerd-version.ts';
import {
  containerdFallback,
  defaultEndpoint,
  isOwnHost,
  upstreamOnly,
} from '../../../../src/resolve/endpoints/default.ts';

const of = (domain: string) => defaultEndpoint({ domain, path: 'team/app', tag: 'latest', digest: null });

describe('the endpoint of a registry that is not configured', () => {
  test.each<[string, string, boolean, boolean]>([
    ['docker.io', 'https://registry-1.docker.io/v2', false, false],
    ['quay.io', 'https://quay.io/v2', false, false],
    ['registry.corp:5000', 'https://registry.corp:5000/v2', false, false],
    ['localhost', 'https://localhost/v2', true, false],
    ['localhost:443', 'https://localhost:443/v2', true, false],
    ['localhost:5000', 'https://localhost:5000/v2', true, true],
    ['127.0.0.1:5000', 'https://127.0.0.1:5000/v2', true, true],
    ['localhost:80', 'http://localhost:80/v2', false, false],
  ])('%s is asked at %s (unverified: %s, http after https: %s)', (domain, url, skipVerify, plainFallback) => {
    const endpoint = of(domain);
    expect(endpoint).toMatchObject({
      url,
      plainFallback: plainFallback ? ['HttpAnswer', 'HandshakeTimeout'] : [],
      role: 'upstream',
      namespace: null,
      source: null,
    });
    expect(endpoint.tls.skipVerify).toBe(skipVerify);
  });

  test('only loopback registries are node-local', () => {
    expect([of('quay.io').nodeLocal, of('localhost:5000').nodeLocal]).toEqual([false, true]);
  });

  test('the list of a node without configuration is the registry itself', () => {
    const reference = { domain: 'quay.io', path: 'a/b', tag: '1', digest: null };
    expect(upstreamOnly.endpoints(reference)).toEqual({
      endpoints: [defaultEndpoint(reference)],
      warnings: [],
    });
  });
});

test('Docker Hub answers under two names, every other registry under its own', () => {
  expect(isOwnHost('docker.io', 'docker.io')).toBe(true);
  expect(isOwnHost('docker.io', 'registry-1.docker.io')).toBe(true);
  expect(isOwnHost('registry-1.docker.io', 'docker.io')).toBe(false);
  expect(isOwnHost('quay.io', 'mirror.corp')).toBe(false);
});

test.each([
  ['1.6.31', 'm.corp', ['HttpAnswer']],
  ['1.6.32', 'm.corp', ['HttpAnswer', 'HandshakeTimeout']],
  ['1.7.15', 'm.corp', ['HttpAnswer']],
  ['1.7.16', 'm.corp', ['HttpAnswer', 'HandshakeTimeout']],
  ['1.7.23', 'm.corp', ['HttpAnswer', 'HandshakeTimeout']],
  ['1.7.24', 'm.corp', ['HttpAnswer', 'HandshakeTimeout', 'ConnectionRefused', 'ConnectTimeout']],
  ['1.7', 'm.corp', ['HttpAnswer', 'HandshakeTimeout', 'ConnectionRefused', 'ConnectTimeout']],
  ['2.0.0', 'm.corp', ['HttpAnswer', 'HandshakeTimeout', 'ConnectionRefused', 'ConnectTimeout']],
  ['2.1', 'm.corp:5000', ['HttpAnswer', 'HandshakeTimeout']],
])('containerd %s falls back to http at %s after %j', (version, host, causes) => {
  expect(containerdFallback(host, parseContainerdVersion(version))).toEqual(causes);
});
