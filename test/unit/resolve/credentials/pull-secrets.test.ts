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
          'pull secret "broken": .dockerconfigjson: not JSON; the kubelet then ignores all pull secrets of the pod',
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

  const many = (name: string, count: number) => {
    const keys = Array.from({ length: count }, (_, n) => [`${name}${n}.example`, {}] as const);
    return secret(name, JSON.stringify({ auths: Object.fromEntries(keys) }));
  };
  const hugeText = JSON.stringify({ auths: { 'huge.example': { password: 'x'.repeat(2 ** 20) } } });
  const whole = 'pull secret "big" was not fully read: the pod\'s pull secrets exceed 1000 entries or';

  test('a thousand entries are read of all secrets together, and who has more is told', () => {
    const { entries, warnings } = pullSecretEntries([many('small', 400), many('big', 2_000), good]);
    expect([entries.length, entries[399]?.[0], entries[400]?.[0]]).toEqual([
      1_000,
      'small399.example',
      'big0.example',
    ]);
    expect(warnings).toMatchObject([
      { code: 'PullSecretsTooLarge', message: expect.stringContaining(whole) },
      { code: 'PullSecretsTooLarge', message: expect.stringContaining('pull secret "good"') },
    ]);
    expect(pullSecretEntries([many('all', 999), good]).warnings).toEqual([]);
  });

  test('a secret for which there is not a room left is passed over, and the next ones are not', () => {
    const { entries, warnings } = pullSecretEntries([secret('big', hugeText), good]);
    expect(entries.map(([key]) => key)).toEqual(['r.example']);
    expect(warnings).toMatchObject([
      { code: 'PullSecretsTooLarge', message: expect.stringContaining(whole) },
    ]);
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
