import { describe, expect, test } from '@jest/globals';
import { type PullSecret, pullSecretEntries } from '../../../../src/resolve/credentials/pull-secrets.ts';

function secret(name: string, text: string, type = 'kubernetes.io/dockerconfigjson'): PullSecret {
  return { name, type, data: { '.dockerconfigjson': text } };
}

const good = secret('good', '{"auths":{"r.example":{"username":"u","password":"p"}}}');

describe('pullSecretEntries', () => {
  test('a malformed secret does not hide the good one, and is named', () => {
    const { entries, warnings } = pullSecretEntries([secret('broken', '{"auths": hunter2'), good]);
    expect(entries.map(([key]) => key)).toEqual(['r.example']);
    expect(warnings).toEqual([
      {
        code: 'MalformedPullSecret',
        message:
          'pull secret "broken": .dockerconfigjson: not JSON; the kubelet ignores all pull secrets of the pod then',
        source: null,
      },
    ]);
  });

  test('a malformed entry does not hide its neighbours', () => {
    const half = secret('half', '{"auths":{"a.example":{"auth":"!"},"b.example":{}}}');
    const { entries, warnings } = pullSecretEntries([half]);
    expect(entries.map(([key]) => key)).toEqual(['b.example']);
    expect(warnings[0]?.message).toContain('its entry "a.example" cannot be read');
  });

  test.each([
    ['another type', secret('x', good.data['.dockerconfigjson'] ?? '', 'Opaque')],
    ['no data', { ...good, data: {} }],
    ['empty data', secret('x', '')],
    ['the key of the other type', secret('x', '{}', 'kubernetes.io/dockercfg')],
  ])('%s gives nothing, without a warning', (_, given) => {
    expect(pullSecretEntries([given])).toEqual({ entries: [], warnings: [] });
  });
});
