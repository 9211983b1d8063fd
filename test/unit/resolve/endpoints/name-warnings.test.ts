import { describe, expect, test } from '@jest/globals';
import { defaultEndpoint } from '../../../../src/resolve/endpoints/default.ts';
import type { Endpoint, MirrorList } from '../../../../src/resolve/endpoints/endpoint.ts';
import { withNameWarnings } from '../../../../src/resolve/endpoints/name-warnings.ts';
import { isNodeLocal } from '../../../../src/resolve/endpoints/loopback.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';

const reference = parseReference('nginx');
const source = { file: 'certs.d/docker.io/hosts.toml', line: 3 };

function listOf(url: string, over: Partial<Endpoint> = {}): MirrorList {
  const endpoint = { ...defaultEndpoint(reference), url, source, nodeLocal: isNodeLocal(url), ...over };
  return { id: 'test', profiles: [], endpoints: () => ({ endpoints: [endpoint], warnings: [] }) };
}

function codes(list: MirrorList, dialled: readonly string[] = []): string[] {
  const { warnings } = withNameWarnings(list, (host) => dialled.includes(host)).endpoints(reference);
  return warnings.map(({ code, source: place }) => `${code} ${place}`);
}

describe('names that one side cannot resolve', () => {
  test.each([
    'https://registry.infra.svc/v2',
    'http://registry.infra.svc.cluster.local:5000/v2',
    'https://mirror.cluster.local./v2',
  ])('%s gives a warning that only pods can resolve it', (url) => {
    expect(codes(listOf(url))).toEqual(['ClusterName certs.d/docker.io/hosts.toml:3']);
  });

  test.each(['https://mirror/v2', 'http://mirror:5000/v2'])('%s may be for nodes only', (url) => {
    expect(codes(listOf(url))).toEqual(['NodeName certs.d/docker.io/hosts.toml:3']);
  });

  test.each([
    'https://mirror.corp/v2',
    'https://10.0.0.5:5000/v2',
    'https://[fd00::5]:5000/v2',
    'http://localhost:5000/v2',
    'http://127.0.0.1:6443/v2',
    'https://registry.svcs.example/v2',
  ])('%s gives no warning about its name', (url) => {
    expect(codes(listOf(url))).toEqual([]);
  });

  test('an address in registry.hosts removes the warning for a short name, not for a name of the cluster', () => {
    expect(codes(listOf('http://mirror:5000/v2'), ['mirror:5000'])).toEqual([]);
    expect(codes(listOf('https://registry.infra.svc/v2'), ['registry.infra.svc'])).toHaveLength(1);
  });

  test('an endpoint that is not configured gives no warning', () => {
    expect(codes(listOf('https://registry/v2', { source: null }))).toEqual([]);
  });

  test('id, refusals and other warnings of the list stay', () => {
    const other = { code: 'Other', message: 'm', source: null };
    const list: MirrorList = {
      ...listOf('http://mirror/v2'),
      refuse: () => ({ reason: 'ShortName', message: 'no' }),
    };
    const wrapped = withNameWarnings(
      { ...list, endpoints: () => ({ ...list.endpoints(reference), warnings: [other] }) },
      () => false,
    );
    expect(wrapped.id).toBe('test');
    expect(wrapped.refuse?.('nginx')).toEqual({ reason: 'ShortName', message: 'no' });
    expect(wrapped.endpoints(reference).warnings.map(({ code }) => code)).toEqual(['Other', 'NodeName']);
  });
});
