import { describe, expect, test } from '@jest/globals';
import {
  type NamespaceLabels,
  pratiqueLabels,
  NamespaceReader,
} from '../../../../../src/watch/cluster/lookups/namespaces.ts';
import { type ApiRequest, KubernetesError } from '../../../../../src/watch/kubernetes/api.ts';
import { MemoryStore } from '../memory-store.ts';

function setting(answer: () => Promise<unknown>) {
  const asked: string[] = [];
  const request = ({ path }: ApiRequest) => {
    asked.push(path);
    return answer();
  };
  const store = new MemoryStore<NamespaceLabels>();
  const clock = { now: 0 };
  const namespaces = new NamespaceReader({ api: { request }, store, clock: () => clock.now });
  return { namespaces, store, asked, clock };
}

const enforced = { metadata: { labels: { 'pratique.dev/mode': 'enforce', team: 'a' } } };
const absent = () => Promise.reject(new KubernetesError('NotFound', 'gone'));

describe('labels', () => {
  test('of a namespace in the watch need no request', () => {
    const { namespaces, store, asked } = setting(absent);
    store.put('shop', { 'pratique.dev/mode': 'audit' });
    expect(namespaces.labels('shop')).toEqual({ kind: 'found', value: { 'pratique.dev/mode': 'audit' } });
    expect(asked).toEqual([]);
  });

  test('of a namespace not yet in the watch are requested once', async () => {
    const { namespaces, store, asked } = setting(() => Promise.resolve(enforced));
    const both = await Promise.all(
      [namespaces.labels('new'), namespaces.labels('new')].map((x) => Promise.resolve(x)),
    );
    expect(both[1]).toEqual({ kind: 'found', value: { 'pratique.dev/mode': 'enforce' } });
    expect(namespaces.labels('new')).toEqual(both[0]);
    expect(asked).toEqual(['/api/v1/namespaces/new']);
    store.put('new', {});
    expect(namespaces.labels('new')).toEqual({ kind: 'found', value: {} });
  });

  test('of a missing namespace are empty for five seconds', async () => {
    const { namespaces, asked, clock } = setting(absent);
    expect(await namespaces.labels('gone')).toEqual({ kind: 'found', value: {} });
    clock.now = 4_999;
    expect(namespaces.labels('gone')).toEqual({ kind: 'found', value: {} });
    expect(asked).toHaveLength(1);
    clock.now = 5_000;
    await namespaces.labels('gone');
    expect(asked).toHaveLength(2);
  });

  test('that cannot be read are unknown', async () => {
    const { namespaces } = setting(() => Promise.reject(new KubernetesError('Timeout', 'late')));
    expect(await namespaces.labels('new')).toEqual({ kind: 'failed', code: 'Timeout' });
  });

  test.each(['', '..', 'a/b', 'UPPER'])('of the invalid name %j are empty without a request', (name) => {
    const { namespaces, asked } = setting(absent);
    expect(namespaces.labels(name)).toEqual({ kind: 'found', value: {} });
    expect(asked).toEqual([]);
  });
});

test.each([
  [null],
  [{}],
  [{ metadata: { labels: 'x' } }],
  [{ metadata: { labels: { 'pratique.dev/mode': 1 } } }],
])('pratiqueLabels returns no labels for %j', (object) => {
  expect(Object.values(pratiqueLabels(object)).join('')).toBe('');
});
