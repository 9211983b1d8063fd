import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { UsageIndex } from '../../../../../src/watch/controller/usage/usage-index.ts';
import { record } from '../records.ts';

const index = () => new UsageIndex({ referenceIn });

describe('the usage index', () => {
  test('lists a pinned pod under its original image', () => {
    const usages = index();
    const pinned = { image: `nginx:1.27@sha256:${'a'.repeat(64)}`, original: 'nginx:1.27' };
    usages.apply({ before: undefined, after: record({ name: 'old', images: [pinned] }) });
    usages.apply({
      before: undefined,
      after: record({ name: 'new', images: ['docker.io/library/nginx:1.27'] }),
    });
    expect([...usages.keys()].map((key) => usages.get(key)?.users.map(({ name }) => name))).toEqual([
      ['old', 'new'],
    ]);
  });

  test('returns the keys of images that a change adds or removes', () => {
    const usages = index();
    const [before, after] = [record({ images: ['a:1', 'b:1'] }), record({ images: ['b:1', 'c:1'] })];
    usages.apply({ before: undefined, after: before });
    const touched = [...usages.apply({ before, after })].sort();
    expect(touched.map((key) => key.replace(/-[0-9a-f]{10}$/, ''))).toEqual([
      'shop/a-1',
      'shop/b-1',
      'shop/c-1',
    ]);
    expect(usages.size).toBe(2);
  });

  test('keeps an invalid image without a reference', () => {
    const usages = index();
    const [key = ''] = usages.apply({ before: undefined, after: record({ images: ['corp.io/UPPER'] }) });
    expect(usages.get(key)).toMatchObject({ image: 'corp.io/UPPER', reference: null });
  });

  test('drops a finished pod', () => {
    const usages = index();
    const before = record();
    usages.apply({ before: undefined, after: before });
    expect(usages.apply({ before, after: record({ isFinished: true }) }).size).toBe(1);
    expect(usages.size).toBe(0);
  });

  test('replaces a pod by a new one of the same name', () => {
    const usages = index();
    const before = record({ uid: 'first' });
    usages.apply({ before: undefined, after: before });
    const [key = ''] = usages.apply({ before, after: record({ uid: 'second' }) });
    expect(usages.get(key)?.users.map(({ uid }) => uid)).toEqual(['second']);
  });

  test('equals a full recount after any changes', () => {
    const images = fc.constantFrom('a:1', 'docker.io/library/a:1', 'a:2', 'corp/b', 'corp.io/UPPER', '');
    const change = fc.record({
      namespace: fc.constantFrom('shop', 'bank'),
      name: fc.constantFrom('p', 'q', 'r'),
      uid: fc.constantFrom('1', '2'),
      gone: fc.boolean(),
      isFinished: fc.boolean(),
      images: fc.array(images, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const usages = index();
        const pods = new Map<string, PodRecord>();
        for (const { namespace, name, uid, gone, isFinished, images } of changes) {
          const at = `${namespace}/${name}`;
          const before = pods.get(at);
          const after = gone
            ? undefined
            : record({ namespace, name, uid: `${at}/${uid}`, isFinished: isFinished, images });
          if (after) pods.set(at, after);
          else pods.delete(at);
          usages.apply({ before, after });
        }
        const naive = index();
        for (const after of pods.values()) naive.apply({ before: undefined, after });
        expect(shown(usages)).toEqual(shown(naive));
        const used = [...pods.values()].flatMap((pod) =>
          pod.isFinished
            ? []
            : pod.images
                .map(({ original }) => original)
                .filter((image) => image !== '')
                .map((image) => `${pod.namespace} ${referenceText(image)}`),
        );
        expect(usages.size).toBe(new Set(used).size);
      }),
    );
  });
});

function referenceText(image: string): string {
  return image.startsWith('docker.io/library/') ? image.slice('docker.io/library/'.length) : image;
}

function shown(usages: UsageIndex) {
  return [...usages.keys()].sort().map((key) => [
    key,
    usages
      .get(key)
      ?.users.map(({ uid }) => uid)
      .sort(),
  ]);
}
