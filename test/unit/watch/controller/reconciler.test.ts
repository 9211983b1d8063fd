import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Attempt } from '../../../../src/resolve/inspection/inspection.ts';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { digestFor } from '../../judge/scripted-inspector.ts';
import { record } from './records.ts';
import { ReconcilerHarness } from './harness.ts';

const minute = 60_000;
const nginx = 'docker.io/library/nginx:1.27';

let harness: ReconcilerHarness;
beforeEach(() => {
  harness = new ReconcilerHarness();
});

/** Used by one pod, and inspected. */
async function inUse(): Promise<string> {
  harness.addUser(record());
  const key = harness.key('nginx:1.27');
  await harness.reconcile(key);
  return key;
}

describe('an image that comes into use', () => {
  test('gets a managed object with the image as written and its status', async () => {
    const key = await inUse();
    expect(harness.api.writes).toEqual(['POST nginx-1.27', 'PATCH nginx-1.27/status']);
    expect(harness.object(key)).toMatchObject({
      isManaged: true,
      spec: { image: 'nginx:1.27' },
      status: { result: 'available', digest: digestFor(nginx), observedGeneration: 1, usedBy: { pods: 1 } },
    });
  });

  test('is not inspected or written again while nothing changes', async () => {
    const key = await inUse();
    for (let i = 0; i < 5; i++) await harness.reconcile(key);
    expect(harness.inspected).toEqual([nginx]);
    expect(harness.api.writes).toHaveLength(2);
  });

  test('gets no object where the mode is off', async () => {
    harness.policy = { mode: 'off' };
    harness.addUser(record());
    expect(await harness.reconcile(harness.key('nginx:1.27'))).toBeNull();
    expect(harness.api.writes).toEqual([]);
  });

  test('of a pod with the skip label gets no object, unless the policy ignores the label', async () => {
    harness.addUser(record({ hasSkipLabel: true }));
    await harness.reconcile(harness.key('nginx:1.27'));
    expect(harness.api.writes).toEqual([]);
    harness.policy = { mode: 'warn', skipLabel: false };
    await harness.reconcile(harness.key('nginx:1.27'));
    expect(harness.api.writes).toHaveLength(2);
  });

  test.each([
    ['corp.io/UPPER', 'corp.io/UPPER', 'invalid', 'Uppercase'],
    ['a b\nc', 'a?b?c', 'invalid', 'Format'],
    ['x'.repeat(2_000), 'x'.repeat(1_024), 'invalid', 'TooLong'],
    [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`, 'not-checked', 'ImageId'],
  ])('gets an object even if it is invalid: %j', async (image, written, result, reason) => {
    harness.addUser(record({ images: [image] }));
    const key = harness.key(image);
    await harness.reconcile(key);
    expect(harness.object(key)).toMatchObject({ spec: { image: written }, status: { result, reason } });
    expect(harness.inspected).toEqual([]);
  });

  test('is not checked if it is never pulled', async () => {
    harness.addUser(record({ images: [{ image: 'nginx:1.27', pullPolicy: 'Never' }] }));
    const key = harness.key('nginx:1.27');
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ result: 'not-checked', reason: 'PullPolicyNever' });
  });

  test('gets a new object when a user deletes it at once', async () => {
    harness.addUser(record());
    const key = harness.key('nginx:1.27');
    const signal = new AbortController().signal;
    const again = await harness.reconciler.reconcile(key, signal);
    harness.api.remove(key);
    expect(await harness.reconciler.reconcile(key, signal)).toBe(again);
    await harness.timers.pass(again ?? 0);
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ result: 'available' });
  });

  test('gets no object in a terminating namespace, without a failure', async () => {
    harness.addUser(record());
    harness.api.before = () => {
      throw new KubernetesError('NamespaceTerminating', 'it is being terminated', { status: 403 });
    };
    expect(await harness.reconcile(harness.key('nginx:1.27'))).toBeNull();
    expect(harness.inspected).toEqual([]);
  });

  test('gets one object while the cache is behind', async () => {
    harness.addUser(record());
    const key = harness.key('nginx:1.27');
    const signal = new AbortController().signal;
    await harness.reconciler.reconcile(key, signal);
    await harness.reconciler.reconcile(key, signal);
    expect(harness.api.writes).toEqual(['POST nginx-1.27', 'PATCH nginx-1.27/status']);
  });
});

describe('the name reserved for an image', () => {
  const person = (spec: object, labels = {}) => {
    harness.addUser(record());
    const key = harness.key('nginx:1.27');
    const [, name = ''] = key.split('/');
    return { key, make: () => harness.api.put('shop', name, { metadata: { labels }, spec }) };
  };

  test('taken by a user at the same moment stays with the user', async () => {
    const { key, make } = person({ image: 'nginx:1.27' });
    harness.api.before = make;
    await expect(harness.reconcile(key)).rejects.toMatchObject({ code: 'AlreadyExists' });
    await harness.reconcile(key);
    expect(harness.object(key)).toMatchObject({ isManaged: false, status: { usedBy: { pods: 1 } } });
    harness.removeUser(record());
    await harness.timers.pass(120 * minute);
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ usedBy: { pods: 0 } });
    expect(harness.nameConflicts).toEqual([]);
  });

  test('taken by a user for another image is reported, and used once that object is deleted', async () => {
    const { key, make } = person({ image: 'redis:7' });
    make();
    harness.api.settle();
    for (let i = 0; i < 3; i++) await harness.reconcile(key);
    const [, name = ''] = key.split('/');
    expect(harness.object(key).status).toMatchObject({
      reference: 'docker.io/library/redis:7',
      usedBy: { pods: 0 },
    });
    expect(harness.nameConflicts).toEqual([`${name}: nginx:1.27`]);
    expect(harness.events).toMatchObject([
      {
        regarding: { kind: 'ImageInspection', name },
        reason: 'NameTaken',
        message: expect.stringContaining('reserved for image nginx:1.27'),
      },
    ]);
    harness.api.remove(key);
    harness.api.settle();
    await harness.reconcile(key);
    expect(harness.object(key)).toMatchObject({ isManaged: true, spec: { image: 'nginx:1.27' } });
  });

  test('of a managed object with another image is freed after the delay', async () => {
    const { key, make } = person({ image: 'redis:7' }, { 'app.kubernetes.io/managed-by': 'pratique' });
    make();
    harness.api.settle();
    expect(await harness.reconcile(key)).toBe(minute);
    await harness.timers.pass(minute);
    await harness.reconcile(key);
    await harness.reconcile(key);
    expect(harness.object(key)).toMatchObject({
      spec: { image: 'nginx:1.27' },
      status: { reference: nginx },
    });
  });
});

describe('an image in use', () => {
  test('is inspected again after its interval, with a quarter of jitter', async () => {
    const key = await inUse();
    const due = await harness.reconcile(key);
    expect(due).toBe(harness.settings.intervalMs);
    await harness.timers.pass(due ?? 0);
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(2);
    // Nothing new, and the hour is not over.
    expect(harness.api.writes).toHaveLength(2);
  });

  test.each([-10, 10].map((hours) => hours * 60 * minute))(
    'is inspected in time although the wall clock changes by %d ms',
    async (by) => {
      const key = await inUse();
      harness.timers.set(by);
      expect(await harness.reconcile(key)).toBe(harness.settings.intervalMs);
      await harness.timers.pass(harness.settings.intervalMs);
      await harness.reconcile(key);
      expect(harness.inspected).toHaveLength(2);
    },
  );

  test('gets its inspection time written once an hour', async () => {
    const key = await inUse();
    for (let i = 0; i < 2; i++) {
      await harness.timers.pass(30 * minute);
      await harness.reconcile(key);
    }
    expect(harness.object(key).status?.lastInspected).toBe('2026-03-01T13:00:00Z');
    expect(harness.api.writes).toHaveLength(3);
  });

  test.each<[string, () => void]>([
    ['the nodes have other platforms', () => (harness.platforms = ['linux/amd64'])],
    ['the configuration is another', () => harness.version++],
    ['the policy is another', () => (harness.policy = { mode: 'enforce' })],
    [
      'somebody uses it with other credentials',
      () => harness.addUser(record({ name: 'b', pullSecrets: ['s'] })),
    ],
    [
      'a pod is pinned to another digest',
      () =>
        harness.addUser(
          record({
            name: 'b',
            images: [{ image: `nginx:1.27@${digestFor('other')}`, original: 'nginx:1.27' }],
          }),
        ),
    ],
    [
      'a pod runs another digest',
      () => harness.addUser(record({ name: 'b', images: [{ running: digestFor('other') }] })),
    ],
  ])('is inspected at once when %s', async (_what, change) => {
    const key = await inUse();
    const before = harness.inspected.length;
    change();
    await harness.reconcile(key);
    expect(harness.inspected.length).toBeGreaterThan(before);
  });

  test('is not inspected for another pod of the same kind', async () => {
    const key = await inUse();
    harness.addUser(record({ name: 'web-2' }));
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(1);
  });

  test('is marked as drifted as soon as the registry or a pod changes', async () => {
    const running = digestFor(nginx);
    harness.addUser(
      record({
        images: [{ running }],
        controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs' },
      }),
    );
    const key = harness.key('nginx:1.27');
    await harness.reconcile(key);
    expect(harness.events).toEqual([]);
    harness.inspections.set(nginx, {
      digest: digestFor('moved'),
      kind: 'image',
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
    });
    await harness.timers.pass(30 * minute);
    await harness.reconcile(key);
    expect(harness.object(key).status?.conditions.find(({ type }) => type === 'Drifted')).toMatchObject({
      status: 'True',
    });
    expect(harness.events).toMatchObject([
      { reason: 'ImageDrifted', regarding: { kind: 'ImageInspection' } },
      { reason: 'ImageDrifted', regarding: { kind: 'ReplicaSet', name: 'web' } },
    ]);
    await harness.reconcile(key);
    expect(harness.events).toHaveLength(2);
  });

  test('with a failure is inspected sooner, with growing delays', async () => {
    harness.inspections.set(nginx, { result: 'not-found' });
    const key = await inUse();
    const waits: (number | null)[] = [];
    for (let i = 0; i < 9; i++) {
      const due = await harness.reconcile(key);
      waits.push(due === null ? null : Math.round(due / minute));
      await harness.timers.pass(due ?? 0);
      await harness.reconcile(key);
    }
    expect(waits).toEqual([1, 1, 2, 4, 8, 16, 30, 30, 30]);
    expect(harness.results).toEqual(['new → not-found']);
    // One Event for the object and one for its workload.
    expect(harness.events.map(({ reason }) => reason)).toEqual(['ImageNotFound', 'ImageNotFound']);
  });

  test('is reported to later workloads without a write, also by the next leader', async () => {
    harness.inspections.set(nginx, { result: 'not-found' });
    const key = await inUse();
    const { length } = harness.api.writes;
    harness.addUser(record({ name: 'later' }));
    await harness.reconcile(key);
    harness.newLeader();
    await harness.reconcile(key);
    const object = key.slice('shop/'.length);
    expect(harness.events.map(({ regarding }) => regarding.name)).toEqual([object, 'web-1', 'later']);
    expect(harness.api.writes).toHaveLength(length);
    harness.addUser(record({ name: 'last' }));
    await harness.reconcile(key);
    expect(harness.events.map(({ regarding }) => regarding.name)).toEqual([object, 'web-1', 'later', 'last']);
  });

  test('keeps its results while the rate limit reserve is used up', async () => {
    const key = await inUse();
    const attempts = [{ result: 'rate-limited', reason: 'RateLimitReserve' } as Attempt];
    harness.inspections.set(nginx, { result: 'unavailable', attempts });
    await harness.timers.pass(30 * minute);
    await harness.reconcile(key);
    expect(harness.object(key).status?.result).toBe('available');
    expect(harness.deferrals).toHaveLength(1);
    harness.inspections.clear();
    await harness.timers.pass(10 * minute);
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(3);
  });

  test('has one entry for each credential set, whatever the number of pods', async () => {
    for (let i = 0; i < 30; i++) harness.addUser(record({ name: `p${i}`, serviceAccount: `sa-${i % 20}` }));
    const key = harness.key('nginx:1.27');
    await harness.reconcile(key);
    const { status } = harness.object(key);
    expect(status?.credentials).toHaveLength(16);
    expect(status?.conditions[0]?.message).toMatch(/4 more sets of credentials were not used$/);
  });

  test('is compared at all endpoints if that is enabled', async () => {
    harness.settings = { ...harness.settings, compareEndpoints: true };
    await inUse();
    expect(harness.inspected).toEqual([nginx, `${nginx} everywhere`]);
  });

  test('has its parts checked with deep, and workloads get an Event when one is gone', async () => {
    harness.settings = { ...harness.settings, deep: true };
    const key = await inUse();
    expect(harness.checked).toEqual([nginx]);
    const partsPresent = () =>
      harness.object(key).status?.conditions.find(({ type }) => type === 'PartsPresent');
    expect(partsPresent()).toMatchObject({ status: 'True', reason: 'AllPartsPresent' });
    harness.parts = { result: 'not-found', message: 'is incomplete, its layer sha256:… is missing' };
    harness.version++;
    await harness.reconcile(key);
    expect(partsPresent()).toMatchObject({
      status: 'False',
      reason: 'PartsMissing',
      message: `${nginx} is incomplete, its layer sha256:… is missing`,
    });
    expect(harness.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Warning ImagePartsMissing',
    ]);
    // A missing part does not change the result, which is about the manifest.
    expect(harness.object(key).status?.result).toBe('available');
  });

  test('has no parts checked by default, nor if the image itself is missing', async () => {
    const key = await inUse();
    harness.settings = { ...harness.settings, deep: true };
    harness.inspections.set(nginx, { result: 'not-found' });
    harness.version++;
    await harness.reconcile(key);
    expect(harness.checked).toEqual([]);
  });

  test('emits no Events in audit mode', async () => {
    harness.policy = { mode: 'audit' };
    harness.inspections.set(nginx, { result: 'not-found' });
    await inUse();
    expect(harness.events).toEqual([]);
  });

  test('is written again after a conflict', async () => {
    harness.addUser(record());
    const key = harness.key('nginx:1.27');
    const [, name = ''] = key.split('/');
    await harness.reconciler.reconcile(key, new AbortController().signal);
    harness.api.settle();
    harness.inspections.set(nginx, { result: 'not-found' });
    harness.version++;
    harness.api.before = () => harness.api.put('shop', name, { spec: { image: 'nginx:1.27' } }, false);
    await expect(harness.reconcile(key)).rejects.toMatchObject({ code: 'Conflict' });
    await harness.reconcile(key);
    expect(harness.object(key).status?.result).toBe('not-found');
  });
});

describe('an image without users', () => {
  test('loses its object after a delay, but not during a rollout', async () => {
    const key = await inUse();
    harness.removeUser(record());
    expect(await harness.reconcile(key)).toBe(minute);
    harness.addUser(record({ name: 'next' }));
    await harness.reconcile(key);
    harness.removeUser(record({ name: 'next' }));
    await harness.timers.pass(minute);
    expect(await harness.reconcile(key)).toBe(minute);
    await harness.timers.pass(minute);
    await harness.reconcile(key);
    expect(harness.api.writes.at(-1)).toBe('DELETE nginx-1.27');
    expect(await harness.reconcile(key)).toBeNull();
  });

  test('keeps its object while a rollback may need its pins', async () => {
    const owner = { kind: 'ReplicaSet', name: 'web', uid: 'rs-1' };
    const pinned = {
      image: `nginx:1.27@${digestFor(nginx)}`,
      original: 'nginx:1.27',
      running: digestFor(nginx),
    };
    const pod = record({ owner, images: [pinned] });
    harness.owners.add('rs-1');
    harness.addUser(pod);
    const key = harness.key('nginx:1.27');
    await harness.reconcile(key);
    harness.removeUser(pod);
    await harness.reconcile(key);
    await harness.timers.pass(minute);
    await harness.reconcile(key);
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({
      pins: [{ ownerUID: 'rs-1' }],
      usedBy: { pods: 0, workloads: 0 },
      running: [],
    });
    expect(harness.api.writes).toHaveLength(3);
    // Used again, it is asked again.
    harness.addUser(pod);
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(2);
    harness.removeUser(pod);
    harness.owners.clear();
    await harness.reconcile(key);
    await harness.timers.pass(minute);
    await harness.reconcile(key);
    expect(harness.api.writes.at(-1)).toBe('DELETE nginx-1.27');
  });

  test('is not deleted when its object has changed', async () => {
    const key = await inUse();
    const [, name = ''] = key.split('/');
    harness.removeUser(record());
    await harness.reconcile(key);
    await harness.timers.pass(minute);
    harness.api.before = () =>
      harness.api.put('shop', name, { metadata: { labels: {} }, spec: { image: 'nginx:1.27' } });
    await expect(harness.reconcile(key)).rejects.toMatchObject({ code: 'Conflict' });
    await harness.reconcile(key);
    expect(harness.object(key).isManaged).toBe(false);
  });
});

describe('a user-created object', () => {
  const key = 'shop/mine';
  const make = (spec: object) => {
    harness.api.put('shop', 'mine', { spec: { image: 'nginx:1.27', ...spec } });
    harness.api.settle();
  };

  test('is inspected for all nodes and never deleted', async () => {
    make({});
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ result: 'available', usedBy: { pods: 0 } });
    await harness.timers.pass(120 * minute);
    await harness.reconcile(key);
    expect(harness.api.writes).toEqual(['PATCH mine/status', 'PATCH mine/status']);
  });

  test('may name platforms', async () => {
    make({ platforms: ['linux/s390x'] });
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({
      result: 'platform-missing',
      missingPlatforms: ['linux/s390x'],
    });
  });

  test('may have its own interval', async () => {
    make({ interval: '5m' });
    expect(await harness.reconcile(key)).toBe(5 * minute);
  });

  test('may use only secrets that its service account lists', async () => {
    harness.lists.set('robot', ['listed']);
    make({ serviceAccountName: 'robot', imagePullSecrets: [{ name: 'listed' }] });
    await harness.reconcile(key);
    expect(harness.object(key).status?.result).toBe('available');
    make({ serviceAccountName: 'robot', imagePullSecrets: [{ name: 'listed' }, { name: 'stolen' }] });
    harness.inspected.length = 0;
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ result: 'not-checked', reason: 'SecretNotListed' });
    expect(harness.object(key).status?.conditions[0]?.message).toMatch(
      /"robot" does not list the pull secret "stolen"/,
    );
    expect(harness.inspected).toEqual([]);
    expect(harness.read.filter(({ pullSecrets }) => pullSecrets.includes('stolen'))).toEqual([]);
  });

  test('may use any secret where that is allowed', async () => {
    harness.settings = { ...harness.settings, allowSecretRefs: true };
    make({ serviceAccountName: 'robot', imagePullSecrets: [{ name: 'any' }] });
    await harness.reconcile(key);
    expect(harness.read).toEqual([{ namespace: 'shop', pullSecrets: ['any'], serviceAccount: 'robot' }]);
  });

  test('with other platforms than its pods emits no Events to their workloads', async () => {
    harness.addUser(record());
    make({ platforms: ['linux/s390x'] });
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ result: 'platform-missing', usedBy: { pods: 1 } });
    expect(harness.events).toEqual([]);
  });

  test('reports the pods that use its image, as a managed object does', async () => {
    harness.addUser(record({ images: ['docker.io/library/nginx:1.27'], pullSecrets: ['s'] }));
    make({});
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({
      usedBy: { pods: 1 },
      credentials: [{ imagePullSecrets: ['s'] }],
    });
  });
});

describe('a new leader', () => {
  test('writes and inspects nothing that the previous leader left up to date', async () => {
    const key = await inUse();
    await harness.timers.pass(5 * minute);
    harness.newLeader();
    const due = await harness.reconcile(key);
    expect(due).toBeGreaterThan(10 * minute);
    expect(due).toBeLessThan(40 * minute);
    expect([harness.inspected.length, harness.api.writes.length]).toEqual([1, 2]);
    await harness.timers.pass(due ?? 0);
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(2);
  });

  test('inspects at once an image that had no users at its last inspection', async () => {
    const owner = { kind: 'ReplicaSet', name: 'web', uid: 'rs-1' };
    const pinned = { image: `nginx:1.27@${digestFor(nginx)}`, original: 'nginx:1.27' };
    const pod = record({ owner, images: [pinned] });
    harness.owners.add('rs-1');
    harness.addUser(pod);
    const key = harness.key('nginx:1.27');
    await harness.reconcile(key);
    harness.removeUser(pod);
    await harness.reconcile(key);
    await harness.timers.pass(minute);
    await harness.reconcile(key);
    harness.newLeader();
    harness.addUser(pod);
    await harness.reconcile(key);
    expect(harness.object(key).status).toMatchObject({ usedBy: { pods: 1 } });
  });

  test('spreads overdue inspections', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `nginx:${i}`);
    for (const [i, image] of keys.entries()) {
      harness.addUser(record({ name: `p${i}`, images: [image] }));
      await harness.reconcile(harness.key(image));
    }
    await harness.timers.pass(45 * minute);
    harness.newLeader();
    const waits = await Promise.all(keys.map((image) => harness.reconcile(harness.key(image))));
    const early = waits.filter((wait) => (wait ?? 0) < 15 * minute).length;
    expect(early).toBeGreaterThan(8);
    expect(early).toBeLessThan(32);
  });

  test.each<[string, () => void]>([
    ['credentials that nobody asked with', () => harness.addUser(record({ name: 'b', pullSecrets: ['s'] }))],
    [
      'an unknown running digest',
      () => harness.addUser(record({ name: 'b', images: [{ running: digestFor('other') }] })),
    ],
    [
      'a pin added without a leader',
      () =>
        harness.addUser(
          record({
            name: 'b',
            owner: { kind: 'ReplicaSet', name: 'web', uid: 'rs-2' },
            images: [{ image: `nginx:1.27@${digestFor(nginx)}`, original: 'nginx:1.27' }],
          }),
        ),
    ],
  ])('inspects at once for %s', async (_what, change) => {
    const key = await inUse();
    harness.newLeader();
    change();
    await harness.reconcile(key);
    expect(harness.inspected.length).toBeGreaterThan(1);
  });

  test('inspects at once for a new owner of pods', async () => {
    const key = await inUse();
    harness.newLeader();
    await harness.reconcile(key);
    harness.addUser(record({ name: 'b', owner: { kind: 'ReplicaSet', name: 'web', uid: 'rs-2' } }));
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(2);
  });
});

describe('the annotation pratique.dev/inspect-now', () => {
  test('causes an inspection for each new value, also one that the previous leader did not see', async () => {
    const key = await inUse();
    const annotate = (value: string) => {
      harness.api.annotate(key, { 'pratique.dev/inspect-now': value });
      harness.api.settle();
    };
    annotate('1');
    await harness.reconcile(key);
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(2);
    expect(harness.object(key).status?.lastInspectNow).toBe('1');
    annotate('2');
    harness.newLeader();
    await harness.reconcile(key);
    await harness.reconcile(key);
    expect(harness.inspected).toHaveLength(3);
  });
});

describe('pods stored by tag although the policy pins them', () => {
  test('are counted in the object and reported once for each workload', async () => {
    harness.unpinned.add('web-1');
    const key = await inUse();
    expect(harness.object(key).status?.unpinned).toEqual({ pods: 1, workloads: 1 });
    await harness.reconcile(key);
    harness.newLeader();
    await harness.reconcile(key);
    const events = harness.events.filter(({ reason }) => reason === 'ImageNotPinned');
    expect(events.map(({ regarding }) => regarding.name)).toEqual(['web-1']);
    harness.unpinned.clear();
    await harness.timers.pass(30 * minute);
    await harness.reconcile(key);
    expect(harness.object(key).status).not.toHaveProperty('unpinned');
  });

  test('are not reported while the image is not available', async () => {
    harness.unpinned.add('web-1');
    harness.inspections.set(nginx, { result: 'unavailable' });
    const key = await inUse();
    await harness.reconcile(key);
    expect(harness.events).toEqual([]);
  });
});

test('a changed spec is shown as reconciling before it is inspected', async () => {
  const key = await inUse();
  harness.api.changeSpec(key, { interval: '10m' });
  harness.api.settle();
  let during: string | undefined;
  const readStatus = async (): Promise<void> => {
    await Promise.resolve();
    during = harness.object(key).status?.conditions.find(({ type }) => type === 'Reconciling')?.status;
  };
  harness.responseDelay = readStatus();
  await harness.reconcile(key);
  const after = harness.object(key).status?.conditions.find(({ type }) => type === 'Reconciling');
  expect([during, after?.status]).toEqual(['True', 'False']);
});
