import { describe, expect, test } from '@jest/globals';
import { readInspection } from '../../../../../src/watch/api/parse-inspection.ts';
import { ImageCounter } from '../../../../../src/watch/controller/usage/image-counter.ts';

const imageKey = (namespace: string, image: string) => `${namespace}/${image}-0123456789`;

function object(name: string, { isManaged = true, pods = 1, drifted = 'False' } = {}) {
  const labels = isManaged ? { 'app.kubernetes.io/managed-by': 'pratique' } : {};
  const at = '2026-03-01T12:00:00Z';
  const condition = { type: 'Drifted', status: drifted, reason: 'X', message: '' };
  const read = readInspection({
    metadata: { namespace: 'shop', name, labels },
    spec: { image: 'nginx' },
    status: {
      observedGeneration: 1,
      result: 'available',
      usedBy: { pods, workloads: 0 },
      lastInspected: at,
      conditions: [{ ...condition, observedGeneration: 1, lastTransitionTime: at }],
    },
  });
  if (!read?.status) throw new Error('cannot be read');
  return read;
}

function counted(...objects: readonly ReturnType<typeof object>[]): readonly [number, number] {
  const counter = new ImageCounter(imageKey);
  for (const after of objects) counter.apply({ before: undefined, after });
  return [counter.results.get('available') ?? 0, counter.drifted];
}

describe('images in use', () => {
  const own = object('nginx-0123456789', { drifted: 'True' });

  test('count once until their object is deleted', () => {
    const counter = new ImageCounter(imageKey);
    counter.apply({ before: undefined, after: own });
    expect([counter.results.get('available'), counter.drifted]).toEqual([1, 1]);
    counter.apply({ before: own, after: undefined });
    expect([counter.results.get('available'), counter.drifted]).toEqual([0, 0]);
  });

  test('do not count twice if a user created an object as well', () => {
    expect(counted(own, object('mine', { isManaged: false, drifted: 'True' }))).toEqual([1, 1]);
  });

  test('count by a user-created object that has the reserved name', () => {
    expect(counted(object('nginx-0123456789', { isManaged: false }))).toEqual([1, 0]);
  });

  test('do not include images without users', () => {
    expect(counted(object('nginx-0123456789', { pods: 0 }))).toEqual([0, 0]);
  });
});
