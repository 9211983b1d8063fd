import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import type { Digest } from '../../../../../src/resolve/reference/digest.ts';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { RememberedImages } from '../../../../../src/watch/cluster/history/remembered-images.ts';
import { type Place, pinsIn, SiblingPins } from '../../../../../src/watch/cluster/history/owner-pins.ts';
import { Siblings } from '../../../../../src/watch/cluster/history/earlier-digests.ts';
import type { ImageInspection } from '../../../../../src/watch/api/read.ts';
import { digestFor } from '../../../judge/scripted-inspector.ts';
import { record } from '../../controller/records.ts';
import { inspectionObject, seenAt } from '../inspection-object.ts';
import { MemoryStore } from '../memory-store.ts';

const [one, two] = [digestFor('nginx:1'), digestFor('nginx:2')];

function sibling(name: string, digest: Digest, changes: Partial<PodRecord> = {}): PodRecord {
  const image = `nginx:1@${digest}`;
  return record({
    name,
    owner: { kind: 'ReplicaSet', name: 'web', uid: 'r1' },
    images: [{ container: 'web', image, original: 'nginx:1' }],
    ...changes,
  });
}

const place: Place = { namespace: 'shop', ownerUid: 'r1', container: 'web', original: 'nginx:1' };

function setting(pods: Readonly<Record<string, PodRecord>> = {}, objects: readonly ImageInspection[] = []) {
  const store = new MemoryStore(pods);
  const images = new RememberedImages({
    store: new MemoryStore(Object.fromEntries(objects.map((object, n) => [`${n}`, object]))),
    referenceIn,
  });
  const clock = { now: 0 };
  const pins = new SiblingPins(store);
  const siblings = new Siblings({ pins, images, referenceIn, clock: () => clock.now });
  return { store, pins, siblings, clock };
}

describe('an earlier digest', () => {
  test('is that of the pods of the same owner', () => {
    const { siblings, store } = setting({ a: sibling('a', one) });
    expect(siblings.earlier(place)).toBe(one);
    store.put('a', undefined);
    expect(siblings.earlier(place)).toBeNull();
  });

  test.each<[string, Partial<Place>]>([
    ['another namespace', { namespace: 'other' }],
    ['another owner', { ownerUid: 'r2' }],
    ['another container', { container: 'sidecar' }],
    ['another image', { original: 'nginx:2' }],
  ])('is nothing to %s', (_title, other) => {
    expect(setting({ a: sibling('a', one) }).siblings.earlier({ ...place, ...other })).toBeNull();
  });

  test('is what most of them have: a pod that somebody made for the owner does not decide', () => {
    const pods = { a: sibling('a', one), b: sibling('b', one), c: sibling('c', two) };
    expect(setting(pods).siblings.earlier(place)).toBe(one);
  });

  test('counts of a pod that has failed: a Job tries again what it ran', () => {
    expect(setting({ a: sibling('a', one, { isOver: true }) }).siblings.earlier(place)).toBe(one);
  });

  test('can be read off the image where the annotation was lost', () => {
    const image = `nginx:1@${one}`;
    const lost = sibling('a', one, {
      images: record({ images: [{ container: 'web', image, original: image }] }).images,
    });
    expect(setting({ a: lost }).siblings.earlier(place)).toBe(one);
  });

  test('is recorded in the ImageInspection when no pod has it any more', () => {
    const pins = [{ ownerUID: 'r1', container: 'web', digest: two, since: seenAt }];
    const object = inspectionObject('nginx:1', { status: { pins } });
    const { siblings } = setting({}, [object]);
    expect(siblings.earlier(place)).toBe(two);
    expect(siblings.earlier({ ...place, original: 'docker.io/library/nginx:1' })).toBe(two);
    expect(siblings.earlier({ ...place, ownerUid: 'r2' })).toBeNull();
    expect(siblings.earlier({ ...place, namespace: 'other' })).toBeNull();
    expect(siblings.earlier({ ...place, original: 'no image' })).toBeNull();
    expect(setting({ a: sibling('a', one) }, [object]).siblings.earlier(place)).toBe(one);
  });

  test('is that of the pod answered a moment ago, which the watch has not shown yet', () => {
    const { siblings, clock } = setting({ a: sibling('a', one) });
    siblings.answered(place, two);
    expect(siblings.earlier(place)).toBe(two);
    clock.now = 29_999;
    expect(siblings.earlier(place)).toBe(two);
    clock.now = 30_000;
    expect(siblings.earlier(place)).toBe(one);
  });

  test('is not remembered for names without end, which nobody has checked yet', () => {
    const { siblings } = setting();
    const endless = { ...place, container: 'x'.repeat(1_000_000) };
    siblings.answered(endless, two);
    expect(siblings.earlier(endless)).toBeNull();
  });
});

describe('the index', () => {
  const digests = [one, two, digestFor('nginx:3')];
  const pod = fc
    .record({
      uid: fc.constantFrom('r1', 'r2'),
      namespace: fc.constantFrom('shop', 'other'),
      images: fc.array(
        fc.record({
          container: fc.constantFrom('web', 'volume:data'),
          original: fc.constantFrom('nginx:1', 'nginx:2', 'nginx'),
          digest: fc.option(fc.constantFrom(...digests), { nil: null }),
        }),
        { maxLength: 3 },
      ),
    })
    .map(({ uid, namespace, images }) =>
      record({
        namespace,
        owner: { kind: 'ReplicaSet', name: 'r', uid },
        images: images.map(({ container, original, digest }) => {
          return { container, original, image: digest === null ? original : `${original}@${digest}` };
        }),
      }),
    );
  const change = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(pod, { nil: undefined }));

  test('is after any changes what counting all pods anew gives', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const { store, pins } = setting();
        for (const [key, after] of changes) store.put(key, after);
        const all = [...store.values()].flatMap(pinsIn);
        for (const at of all) expect(pins.get(at)).toBe(naive(all, at));
        expect(pins.size).toBe(new Set(all.map(({ namespace, ownerUid }) => namespace + ownerUid)).size);
      }),
    );
  });

  function naive(all: ReturnType<typeof pinsIn>, at: Place): Digest | undefined {
    const same = all.filter((pin) => {
      const keys = ['namespace', 'ownerUid', 'container', 'original'] as const;
      return keys.every((key) => pin[key] === at[key]);
    });
    const count = (digest: Digest): number => same.filter((pin) => pin.digest === digest).length;
    return same.map(({ digest }) => digest).toSorted((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0];
  }
});
