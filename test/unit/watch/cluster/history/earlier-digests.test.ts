import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import type { Digest } from '../../../../../src/resolve/reference/digest.ts';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { InspectionIndex } from '../../../../../src/watch/cluster/history/inspection-index.ts';
import {
  type OwnerContainer,
  pinnedContainers,
  OwnerPins,
} from '../../../../../src/watch/cluster/history/owner-pins.ts';
import { EarlierDigests } from '../../../../../src/watch/cluster/history/earlier-digests.ts';
import type { ImageInspection } from '../../../../../src/watch/api/parse-inspection.ts';
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

const place: OwnerContainer = { namespace: 'shop', ownerUid: 'r1', container: 'web', original: 'nginx:1' };

function setting(pods: Readonly<Record<string, PodRecord>> = {}, objects: readonly ImageInspection[] = []) {
  const store = new MemoryStore(pods);
  const images = new InspectionIndex({
    store: new MemoryStore(Object.fromEntries(objects.map((object, n) => [`${n}`, object]))),
    referenceIn,
  });
  const clock = { now: 0 };
  const pins = new OwnerPins(store);
  const siblings = new EarlierDigests({ pins, inspectionIndex: images, referenceIn, clock: () => clock.now });
  return { store, pins, siblings, clock };
}

describe('the earlier digest', () => {
  test('is the one of the pods of the same owner', () => {
    const { siblings, store } = setting({ a: sibling('a', one) });
    expect(siblings.get(place)).toBe(one);
    store.put('a', undefined);
    expect(siblings.get(place)).toBeNull();
  });

  test.each<[string, Partial<OwnerContainer>]>([
    ['another namespace', { namespace: 'other' }],
    ['another owner', { ownerUid: 'r2' }],
    ['another container', { container: 'sidecar' }],
    ['another image', { original: 'nginx:2' }],
  ])('is unknown to %s', (_title, other) => {
    expect(setting({ a: sibling('a', one) }).siblings.get({ ...place, ...other })).toBeNull();
  });

  test('is the one of most pods, so that a single forged pod does not decide', () => {
    const pods = { a: sibling('a', one), b: sibling('b', one), c: sibling('c', two) };
    expect(setting(pods).siblings.get(place)).toBe(one);
  });

  test('includes failed pods, because a Job runs the same image again', () => {
    expect(setting({ a: sibling('a', one, { isFinished: true }) }).siblings.get(place)).toBe(one);
  });

  test('is read from the image where the annotation was lost', () => {
    const image = `nginx:1@${one}`;
    const lost = sibling('a', one, {
      images: record({ images: [{ container: 'web', image, original: image }] }).images,
    });
    expect(setting({ a: lost }).siblings.get(place)).toBe(one);
  });

  test('is read from the ImageInspection when no pod has it', () => {
    const pins = [{ ownerUID: 'r1', container: 'web', digest: two, since: seenAt }];
    const object = inspectionObject('nginx:1', { status: { pins } });
    const { siblings } = setting({}, [object]);
    expect(siblings.get(place)).toBe(two);
    expect(siblings.get({ ...place, original: 'docker.io/library/nginx:1' })).toBe(two);
    expect(siblings.get({ ...place, ownerUid: 'r2' })).toBeNull();
    expect(siblings.get({ ...place, namespace: 'other' })).toBeNull();
    expect(siblings.get({ ...place, original: 'no image' })).toBeNull();
    expect(setting({ a: sibling('a', one) }, [object]).siblings.get(place)).toBe(one);
  });

  test('is the one just given to another pod of the owner, before the watch shows it', () => {
    const { siblings, clock } = setting({ a: sibling('a', one) });
    siblings.record(place, two);
    expect(siblings.get(place)).toBe(two);
    clock.now = 29_999;
    expect(siblings.get(place)).toBe(two);
    clock.now = 30_000;
    expect(siblings.get(place)).toBe(one);
  });

  test('is not recorded for names of any length that nothing has validated', () => {
    const { siblings } = setting();
    const endless = { ...place, container: 'x'.repeat(1_000_000) };
    siblings.record(endless, two);
    expect(siblings.get(endless)).toBeNull();
  });
});

describe('the index of owner pins', () => {
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

  test('equals a full recount after any changes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const { store, pins } = setting();
        for (const [key, after] of changes) store.put(key, after);
        const all = [...store.values()].flatMap(pinnedContainers);
        for (const at of all) expect(pins.get(at)).toBe(naive(all, at));
        expect(pins.size).toBe(new Set(all.map(({ namespace, ownerUid }) => namespace + ownerUid)).size);
      }),
    );
  });

  function naive(all: ReturnType<typeof pinnedContainers>, at: OwnerContainer): Digest | undefined {
    const same = all.filter((pin) => {
      const keys = ['namespace', 'ownerUid', 'container', 'original'] as const;
      return keys.every((key) => pin[key] === at[key]);
    });
    const count = (digest: Digest): number => same.filter((pin) => pin.digest === digest).length;
    return same.map(({ digest }) => digest).toSorted((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0];
  }
});
