import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Attempt } from '../../../../src/resolve/inspection/inspection.ts';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { digestFor } from '../../judge/scripted-inspector.ts';
import { record } from './records.ts';
import { Stage } from './harness.ts';

const minute = 60_000;
const nginx = 'docker.io/library/nginx:1.27';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

/** Used by one pod, and inspected. */
async function inUse(): Promise<string> {
  stage.use(record());
  const key = stage.key('nginx:1.27');
  await stage.reconcile(key);
  return key;
}

describe('an image that comes into use', () => {
  test('gets an object that is labelled as ours, with the image as written, and its status', async () => {
    const key = await inUse();
    expect(stage.api.writes).toEqual(['POST nginx-1.27', 'PATCH nginx-1.27/status']);
    expect(stage.object(key)).toMatchObject({
      isManaged: true,
      spec: { image: 'nginx:1.27' },
      status: { result: 'available', digest: digestFor(nginx), observedGeneration: 1, usedBy: { pods: 1 } },
    });
  });

  test('is not asked again, and nothing is written, while nothing changes', async () => {
    const key = await inUse();
    for (let i = 0; i < 5; i++) await stage.reconcile(key);
    expect(stage.asked).toEqual([nginx]);
    expect(stage.api.writes).toHaveLength(2);
  });

  test('is left alone where Pratique is off', async () => {
    stage.policy = { mode: 'off' };
    stage.use(record());
    expect(await stage.reconcile(stage.key('nginx:1.27'))).toBeNull();
    expect(stage.api.writes).toEqual([]);
  });

  test('of a pod that opts out is left alone, unless the policy does not listen', async () => {
    stage.use(record({ hasSkipLabel: true }));
    await stage.reconcile(stage.key('nginx:1.27'));
    expect(stage.api.writes).toEqual([]);
    stage.policy = { mode: 'warn', skipLabel: false };
    await stage.reconcile(stage.key('nginx:1.27'));
    expect(stage.api.writes).toHaveLength(2);
  });

  test.each([
    ['corp.io/UPPER', 'corp.io/UPPER', 'invalid', 'Uppercase'],
    ['a b\nc', 'a?b?c', 'invalid', 'Format'],
    ['x'.repeat(2_000), 'x'.repeat(1_024), 'invalid', 'TooLong'],
    [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`, 'not-checked', 'ImageId'],
  ])('is told of even if it is none: %j', async (image, written, result, reason) => {
    stage.use(record({ images: [image] }));
    const key = stage.key(image);
    await stage.reconcile(key);
    expect(stage.object(key)).toMatchObject({ spec: { image: written }, status: { result, reason } });
    expect(stage.asked).toEqual([]);
  });

  test('is not checked where it is never pulled', async () => {
    stage.use(record({ images: [{ image: 'nginx:1.27', pullPolicy: 'Never' }] }));
    const key = stage.key('nginx:1.27');
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ result: 'not-checked', reason: 'PullPolicyNever' });
  });

  test('is made again when somebody removes it the moment it was made', async () => {
    stage.use(record());
    const key = stage.key('nginx:1.27');
    const signal = new AbortController().signal;
    const again = await stage.reconciler.reconcile(key, signal);
    stage.api.remove(key);
    expect(await stage.reconciler.reconcile(key, signal)).toBe(again);
    await stage.timers.pass(again ?? 0);
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ result: 'available' });
  });

  test('is let go with its namespace, which is no failure', async () => {
    stage.use(record());
    stage.api.before = () => {
      throw new KubernetesError('NamespaceTerminating', 'it is being terminated', { status: 403 });
    };
    expect(await stage.reconcile(stage.key('nginx:1.27'))).toBeNull();
    expect(stage.asked).toEqual([]);
  });

  test('is not created twice when the store is behind', async () => {
    stage.use(record());
    const key = stage.key('nginx:1.27');
    const signal = new AbortController().signal;
    await stage.reconciler.reconcile(key, signal);
    await stage.reconciler.reconcile(key, signal);
    expect(stage.api.writes).toEqual(['POST nginx-1.27', 'PATCH nginx-1.27/status']);
  });
});

describe('the name that an image in use is to have', () => {
  const person = (spec: object, labels = {}) => {
    stage.use(record());
    const key = stage.key('nginx:1.27');
    const [, name = ''] = key.split('/');
    return { key, make: () => stage.api.put('shop', name, { metadata: { labels }, spec }) };
  };

  test('taken by a person in the very moment stays the person’s', async () => {
    const { key, make } = person({ image: 'nginx:1.27' });
    stage.api.before = make;
    await expect(stage.reconcile(key)).rejects.toMatchObject({ code: 'AlreadyExists' });
    await stage.reconcile(key);
    expect(stage.object(key)).toMatchObject({ isManaged: false, status: { usedBy: { pods: 1 } } });
    stage.leave(record());
    await stage.timers.pass(120 * minute);
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ usedBy: { pods: 0 } });
    expect(stage.taken).toEqual([]);
  });

  test('taken by a person for another image is told, and got back when that goes', async () => {
    const { key, make } = person({ image: 'redis:7' });
    make();
    stage.api.settle();
    for (let i = 0; i < 3; i++) await stage.reconcile(key);
    const [, name = ''] = key.split('/');
    expect(stage.object(key).status).toMatchObject({
      reference: 'docker.io/library/redis:7',
      usedBy: { pods: 0 },
    });
    expect(stage.taken).toEqual([`${name}: nginx:1.27`]);
    expect(stage.events).toMatchObject([
      {
        regarding: { kind: 'ImageInspection', name },
        reason: 'NameTaken',
        message: expect.stringContaining('is not about nginx:1.27'),
      },
    ]);
    stage.api.remove(key);
    stage.api.settle();
    await stage.reconcile(key);
    expect(stage.object(key)).toMatchObject({ isManaged: true, spec: { image: 'nginx:1.27' } });
  });

  test('under our label, but with another image, is made free after a while', async () => {
    const { key, make } = person({ image: 'redis:7' }, { 'app.kubernetes.io/managed-by': 'pratique' });
    make();
    stage.api.settle();
    expect(await stage.reconcile(key)).toBe(minute);
    await stage.timers.pass(minute);
    await stage.reconcile(key);
    await stage.reconcile(key);
    expect(stage.object(key)).toMatchObject({
      spec: { image: 'nginx:1.27' },
      status: { reference: nginx },
    });
  });
});

describe('an image in use', () => {
  test('is asked again when its time has come, a quarter more or less', async () => {
    const key = await inUse();
    const due = await stage.reconcile(key);
    expect(due).toBe(stage.settings.intervalMs);
    await stage.timers.pass(due ?? 0);
    await stage.reconcile(key);
    expect(stage.asked).toHaveLength(2);
    // Nothing new, and the hour is not over.
    expect(stage.api.writes).toHaveLength(2);
  });

  test.each([-10, 10].map((hours) => hours * 60 * minute))(
    'is asked again in time although the clock is set by %d ms',
    async (by) => {
      const key = await inUse();
      stage.timers.set(by);
      expect(await stage.reconcile(key)).toBe(stage.settings.intervalMs);
      await stage.timers.pass(stage.settings.intervalMs);
      await stage.reconcile(key);
      expect(stage.asked).toHaveLength(2);
    },
  );

  test('has its time of inspection brought up to date once an hour', async () => {
    const key = await inUse();
    for (let i = 0; i < 2; i++) {
      await stage.timers.pass(30 * minute);
      await stage.reconcile(key);
    }
    expect(stage.object(key).status?.lastInspected).toBe('2026-03-01T13:00:00Z');
    expect(stage.api.writes).toHaveLength(3);
  });

  test.each<[string, () => void]>([
    ['the nodes have other platforms', () => (stage.platforms = ['linux/amd64'])],
    ['the configuration is another', () => stage.version++],
    ['the policy is another', () => (stage.policy = { mode: 'enforce' })],
    ['somebody uses it with other credentials', () => stage.use(record({ name: 'b', pullSecrets: ['s'] }))],
    [
      'a pod is pinned to another digest',
      () =>
        stage.use(
          record({
            name: 'b',
            images: [{ image: `nginx:1.27@${digestFor('other')}`, original: 'nginx:1.27' }],
          }),
        ),
    ],
    [
      'a pod runs another digest',
      () => stage.use(record({ name: 'b', images: [{ running: digestFor('other') }] })),
    ],
  ])('is asked at once when %s', async (_what, change) => {
    const key = await inUse();
    const before = stage.asked.length;
    change();
    await stage.reconcile(key);
    expect(stage.asked.length).toBeGreaterThan(before);
  });

  test('is not asked for one pod more of the same kind', async () => {
    const key = await inUse();
    stage.use(record({ name: 'web-2' }));
    await stage.reconcile(key);
    expect(stage.asked).toHaveLength(1);
  });

  test('tells drift as soon as the registry or a pod does', async () => {
    const running = digestFor(nginx);
    stage.use(
      record({
        images: [{ running }],
        controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs' },
      }),
    );
    const key = stage.key('nginx:1.27');
    await stage.reconcile(key);
    expect(stage.events).toEqual([]);
    stage.says.set(nginx, {
      digest: digestFor('moved'),
      kind: 'image',
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
    });
    await stage.timers.pass(30 * minute);
    await stage.reconcile(key);
    expect(stage.object(key).status?.conditions.find(({ type }) => type === 'Drifted')).toMatchObject({
      status: 'True',
    });
    expect(stage.events).toMatchObject([
      { reason: 'ImageDrifted', regarding: { kind: 'ReplicaSet', name: 'web' } },
    ]);
    await stage.reconcile(key);
    expect(stage.events).toHaveLength(1);
  });

  test('that fails is looked into sooner, and later each time', async () => {
    stage.says.set(nginx, { result: 'not-found' });
    const key = await inUse();
    const waits: (number | null)[] = [];
    for (let i = 0; i < 9; i++) {
      const due = await stage.reconcile(key);
      waits.push(due === null ? null : Math.round(due / minute));
      await stage.timers.pass(due ?? 0);
      await stage.reconcile(key);
    }
    expect(waits).toEqual([1, 1, 2, 4, 8, 16, 30, 30, 30]);
    expect(stage.results).toEqual(['new → not-found']);
    expect(stage.events.map(({ reason }) => reason)).toEqual(['ImageNotFound']);
  });

  test('is told to a workload that comes later, without a write, by the next leader too', async () => {
    stage.says.set(nginx, { result: 'not-found' });
    const key = await inUse();
    const { length } = stage.api.writes;
    stage.use(record({ name: 'later' }));
    await stage.reconcile(key);
    stage.newLeader();
    await stage.reconcile(key);
    expect(stage.events.map(({ regarding }) => regarding.name)).toEqual(['web-1', 'later']);
    expect(stage.api.writes).toHaveLength(length);
    stage.use(record({ name: 'last' }));
    await stage.reconcile(key);
    expect(stage.events.map(({ regarding }) => regarding.name)).toEqual(['web-1', 'later', 'last']);
  });

  test('keeps what was known when only the last of a quota is left', async () => {
    const key = await inUse();
    const attempts = [{ result: 'rate-limited', reason: 'RateLimitReserve' } as Attempt];
    stage.says.set(nginx, { result: 'unavailable', attempts });
    await stage.timers.pass(30 * minute);
    await stage.reconcile(key);
    expect(stage.object(key).status?.result).toBe('available');
    expect(stage.doubts).toHaveLength(1);
    stage.says.clear();
    await stage.timers.pass(10 * minute);
    await stage.reconcile(key);
    expect(stage.asked).toHaveLength(3);
  });

  test('has one line for each set of credentials, however many pods', async () => {
    for (let i = 0; i < 30; i++) stage.use(record({ name: `p${i}`, serviceAccount: `sa-${i % 20}` }));
    const key = stage.key('nginx:1.27');
    await stage.reconcile(key);
    const { status } = stage.object(key);
    expect(status?.credentials).toHaveLength(16);
    expect(status?.conditions[0]?.message).toMatch(/4 more sets of credentials were not asked with$/);
  });

  test('is compared at all endpoints where that is asked for', async () => {
    stage.settings = { ...stage.settings, compareEndpoints: true };
    await inUse();
    expect(stage.asked).toEqual([nginx, `${nginx} everywhere`]);
  });

  test('has its parts looked for where that is asked for, and workloads hear when one is gone', async () => {
    stage.settings = { ...stage.settings, deep: true };
    const key = await inUse();
    expect(stage.checked).toEqual([nginx]);
    const partsPresent = () =>
      stage.object(key).status?.conditions.find(({ type }) => type === 'PartsPresent');
    expect(partsPresent()).toMatchObject({ status: 'True', reason: 'AllPartsPresent' });
    stage.parts = { result: 'not-found', message: 'is incomplete, its layer sha256:… is missing' };
    stage.version++;
    await stage.reconcile(key);
    expect(partsPresent()).toMatchObject({
      status: 'False',
      reason: 'PartsMissing',
      message: `${nginx} is incomplete, its layer sha256:… is missing`,
    });
    expect(stage.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Warning ImagePartsMissing',
    ]);
    // Nodes have the image, or think so: that a part is gone does not change what admission says.
    expect(stage.object(key).status?.result).toBe('available');
  });

  test('has no parts looked for by default, nor where the image itself is not there', async () => {
    const key = await inUse();
    stage.settings = { ...stage.settings, deep: true };
    stage.says.set(nginx, { result: 'not-found' });
    stage.version++;
    await stage.reconcile(key);
    expect(stage.checked).toEqual([]);
  });

  test('raises no Events where the policy only records', async () => {
    stage.policy = { mode: 'audit' };
    stage.says.set(nginx, { result: 'not-found' });
    await inUse();
    expect(stage.events).toEqual([]);
  });

  test('is written anew onto what somebody else has changed meanwhile', async () => {
    stage.use(record());
    const key = stage.key('nginx:1.27');
    const [, name = ''] = key.split('/');
    await stage.reconciler.reconcile(key, new AbortController().signal);
    stage.api.settle();
    stage.says.set(nginx, { result: 'not-found' });
    stage.version++;
    stage.api.before = () => stage.api.put('shop', name, { spec: { image: 'nginx:1.27' } }, false);
    await expect(stage.reconcile(key)).rejects.toMatchObject({ code: 'Conflict' });
    await stage.reconcile(key);
    expect(stage.object(key).status?.result).toBe('not-found');
  });
});

describe('an image that nobody uses any more', () => {
  test('loses its object after a while, and not in the moment of a roll-out', async () => {
    const key = await inUse();
    stage.leave(record());
    expect(await stage.reconcile(key)).toBe(minute);
    stage.use(record({ name: 'next' }));
    await stage.reconcile(key);
    stage.leave(record({ name: 'next' }));
    await stage.timers.pass(minute);
    expect(await stage.reconcile(key)).toBe(minute);
    await stage.timers.pass(minute);
    await stage.reconcile(key);
    expect(stage.api.writes.at(-1)).toBe('DELETE nginx-1.27');
    expect(await stage.reconcile(key)).toBeNull();
  });

  test('keeps it as long as a roll-back may ask for its pins', async () => {
    const owner = { kind: 'ReplicaSet', name: 'web', uid: 'rs-1' };
    const pinned = {
      image: `nginx:1.27@${digestFor(nginx)}`,
      original: 'nginx:1.27',
      running: digestFor(nginx),
    };
    const pod = record({ owner, images: [pinned] });
    stage.owners.add('rs-1');
    stage.use(pod);
    const key = stage.key('nginx:1.27');
    await stage.reconcile(key);
    stage.leave(pod);
    await stage.reconcile(key);
    await stage.timers.pass(minute);
    await stage.reconcile(key);
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({
      pins: [{ ownerUID: 'rs-1' }],
      usedBy: { pods: 0, workloads: 0 },
      running: [],
    });
    expect(stage.api.writes).toHaveLength(3);
    // Used again, it is asked again.
    stage.use(pod);
    await stage.reconcile(key);
    expect(stage.asked).toHaveLength(2);
    stage.leave(pod);
    stage.owners.clear();
    await stage.reconcile(key);
    await stage.timers.pass(minute);
    await stage.reconcile(key);
    expect(stage.api.writes.at(-1)).toBe('DELETE nginx-1.27');
  });

  test('is not removed when it is no longer what it was', async () => {
    const key = await inUse();
    const [, name = ''] = key.split('/');
    stage.leave(record());
    await stage.reconcile(key);
    await stage.timers.pass(minute);
    stage.api.before = () =>
      stage.api.put('shop', name, { metadata: { labels: {} }, spec: { image: 'nginx:1.27' } });
    await expect(stage.reconcile(key)).rejects.toMatchObject({ code: 'Conflict' });
    await stage.reconcile(key);
    expect(stage.object(key).isManaged).toBe(false);
  });
});

describe('an object that a person made', () => {
  const key = 'shop/mine';
  const make = (spec: object) => {
    stage.api.put('shop', 'mine', { spec: { image: 'nginx:1.27', ...spec } });
    stage.api.settle();
  };

  test('is answered, for all nodes, and never removed', async () => {
    make({});
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ result: 'available', usedBy: { pods: 0 } });
    await stage.timers.pass(120 * minute);
    await stage.reconcile(key);
    expect(stage.api.writes).toEqual(['PATCH mine/status', 'PATCH mine/status']);
  });

  test('says which platforms it is about', async () => {
    make({ platforms: ['linux/s390x'] });
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({
      result: 'platform-missing',
      missingPlatforms: ['linux/s390x'],
    });
  });

  test('has its own interval', async () => {
    make({ interval: '5m' });
    expect(await stage.reconcile(key)).toBe(5 * minute);
  });

  test('gets the secrets that its service account lists, and no others', async () => {
    stage.lists.set('robot', ['listed']);
    make({ serviceAccountName: 'robot', imagePullSecrets: [{ name: 'listed' }] });
    await stage.reconcile(key);
    expect(stage.object(key).status?.result).toBe('available');
    make({ serviceAccountName: 'robot', imagePullSecrets: [{ name: 'listed' }, { name: 'stolen' }] });
    stage.asked.length = 0;
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ result: 'not-checked', reason: 'SecretNotListed' });
    expect(stage.object(key).status?.conditions[0]?.message).toMatch(
      /"robot" does not list the pull secret "stolen"/,
    );
    expect(stage.asked).toEqual([]);
    expect(stage.read.filter(({ pullSecrets }) => pullSecrets.includes('stolen'))).toEqual([]);
  });

  test('may name any secret where that is allowed', async () => {
    stage.settings = { ...stage.settings, allowSecretRefs: true };
    make({ serviceAccountName: 'robot', imagePullSecrets: [{ name: 'any' }] });
    await stage.reconcile(key);
    expect(stage.read).toEqual([{ namespace: 'shop', pullSecrets: ['any'], serviceAccount: 'robot' }]);
  });

  test('about other platforms than those of the pods raises no Events on their workloads', async () => {
    stage.use(record());
    make({ platforms: ['linux/s390x'] });
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ result: 'platform-missing', usedBy: { pods: 1 } });
    expect(stage.events).toEqual([]);
  });

  test('tells of the pods that use its image, as our own object does', async () => {
    stage.use(record({ images: ['docker.io/library/nginx:1.27'], pullSecrets: ['s'] }));
    make({});
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({
      usedBy: { pods: 1 },
      credentials: [{ imagePullSecrets: ['s'] }],
    });
  });
});

describe('a new leader', () => {
  test('writes and asks nothing for what the one before left in order', async () => {
    const key = await inUse();
    await stage.timers.pass(5 * minute);
    stage.newLeader();
    const due = await stage.reconcile(key);
    expect(due).toBeGreaterThan(10 * minute);
    expect(due).toBeLessThan(40 * minute);
    expect([stage.asked.length, stage.api.writes.length]).toEqual([1, 2]);
    await stage.timers.pass(due ?? 0);
    await stage.reconcile(key);
    expect(stage.asked).toHaveLength(2);
  });

  test('asks at once for what nobody used when it was last looked at', async () => {
    const owner = { kind: 'ReplicaSet', name: 'web', uid: 'rs-1' };
    const pinned = { image: `nginx:1.27@${digestFor(nginx)}`, original: 'nginx:1.27' };
    const pod = record({ owner, images: [pinned] });
    stage.owners.add('rs-1');
    stage.use(pod);
    const key = stage.key('nginx:1.27');
    await stage.reconcile(key);
    stage.leave(pod);
    await stage.reconcile(key);
    await stage.timers.pass(minute);
    await stage.reconcile(key);
    stage.newLeader();
    stage.use(pod);
    await stage.reconcile(key);
    expect(stage.object(key).status).toMatchObject({ usedBy: { pods: 1 } });
  });

  test('spreads what is overdue', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `nginx:${i}`);
    for (const [i, image] of keys.entries()) {
      stage.use(record({ name: `p${i}`, images: [image] }));
      await stage.reconcile(stage.key(image));
    }
    await stage.timers.pass(45 * minute);
    stage.newLeader();
    const waits = await Promise.all(keys.map((image) => stage.reconcile(stage.key(image))));
    const early = waits.filter((wait) => (wait ?? 0) < 15 * minute).length;
    expect(early).toBeGreaterThan(8);
    expect(early).toBeLessThan(32);
  });

  test.each<[string, () => void]>([
    ['credentials that nobody asked with', () => stage.use(record({ name: 'b', pullSecrets: ['s'] }))],
    [
      'a digest that nobody knew of',
      () => stage.use(record({ name: 'b', images: [{ running: digestFor('other') }] })),
    ],
    [
      'a pin that came while nobody led',
      () =>
        stage.use(
          record({
            name: 'b',
            owner: { kind: 'ReplicaSet', name: 'web', uid: 'rs-2' },
            images: [{ image: `nginx:1.27@${digestFor(nginx)}`, original: 'nginx:1.27' }],
          }),
        ),
    ],
  ])('asks at once for %s', async (_what, change) => {
    const key = await inUse();
    stage.newLeader();
    change();
    await stage.reconcile(key);
    expect(stage.asked.length).toBeGreaterThan(1);
  });

  test('asks when an owner of pods comes of which it could not tell', async () => {
    const key = await inUse();
    stage.newLeader();
    await stage.reconcile(key);
    stage.use(record({ name: 'b', owner: { kind: 'ReplicaSet', name: 'web', uid: 'rs-2' } }));
    await stage.reconcile(key);
    expect(stage.asked).toHaveLength(2);
  });
});
