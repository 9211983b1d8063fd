import { describe, expect, test } from '@jest/globals';
import type { PartsReport } from '../../../../../../src/resolve/parts/part.ts';
import { shortDigest } from '../../../../../../src/resolve/reference/digest.ts';
import { buildEvents as eventsIn } from '../../../../../../src/watch/controller/status/events/events.ts';
import { notifiedBy } from '../../../../../../src/watch/controller/status/events/event-audience.ts';
import type { PodRecord } from '../../../../../../src/watch/cluster/records/pod-record.ts';
import { buildStatus } from '../../../../../../src/watch/controller/status/build-status.ts';
import type { Status } from '../../../../../../src/watch/api/schema.ts';
import { after, digest, inputs, judged, noon, running, seen } from '../inputs.ts';

const noParts: PartsReport = {
  result: 'available',
  reason: null,
  message: 'is incomplete',
  parts: [],
  missing: 0,
  unknown: 0,
  missingPlatforms: [],
  warnings: [],
  attempts: [],
};
const users = [running('a', { pinned: digest('old') })];
const withResult = (changes: Parameters<typeof judged>[0]) =>
  buildStatus(inputs({ sets: [judged(changes)] }));
const good = withResult({});
const gone = withResult({ result: 'not-found', inspection: null, message: 'does not exist' });
const refused = withResult({ result: 'denied', inspection: null, message: 'needs credentials' });
const lacking = withResult({ result: 'platform-missing', message: 'lacks linux/arm64' });
const wrong = withResult({ result: 'invalid', reason: 'Schema1', message: 'is a manifest of schema 1' });
const unknown = withResult({ result: 'unavailable', inspection: null });
const unchecked = withResult({ result: 'not-checked', inspection: null });
const everybody = () => () => true;
/** Returns the Events of a leader that finds `before` in the cluster. */
const eventsFor = (
  before: Status | null,
  next: Status,
  those: readonly PodRecord[],
  runsOn: (platforms: readonly string[]) => (user: PodRecord) => boolean,
) =>
  eventsIn(before, next, notifiedBy(before, { users: those, runsOn }), {
    users: those,
    runsOn,
  }).events;
const withParts = (result: PartsReport['result']) =>
  buildStatus(inputs({ sets: [judged({})], parts: [{ ...noParts, result }] }));
const whole = withParts('available');
const incomplete = withParts('not-found');
const partsUnknown = withParts('unavailable');
const contentRelations = new Map([[digest('old'), 'different'] as const]);
const drifted = buildStatus(inputs({ users, sets: [seen({ digest: digest('now') })], contentRelations }));
const upToDate = buildStatus(inputs({ users, sets: [seen({ digest: digest('old') })] }));
const driftUnknown = buildStatus(
  inputs({ users, sets: [judged({ result: 'unavailable', inspection: null })] }),
);

describe('buildEvents', () => {
  test.each<[string, Status | null, Status, string[]]>([
    ['a new image that is there', null, good, []],
    ['a new one that is not', null, gone, ['Warning ImageNotFound']],
    ['it goes', good, gone, ['Warning ImageNotFound']],
    ['it stays gone', gone, gone, []],
    ['it comes back', gone, good, ['Normal ImageAvailable']],
    ['gone, now refused', gone, refused, ['Warning ImageDenied']],
    ['it lacks a platform', good, lacking, ['Warning ImagePlatformMissing']],
    ['it is of schema 1', good, wrong, ['Warning ImageInvalid']],
    ['a registry is down', good, unknown, []],
    ['and comes back', unknown, good, []],
    ['gone, and then a registry is down', gone, unknown, []],
    ['gone, and then nobody asks', gone, unchecked, []],
    ['drift begins', upToDate, drifted, ['Warning ImageDrifted']],
    ['drift goes on', drifted, drifted, []],
    ['drift ends', drifted, upToDate, ['Normal ImageDriftEnded']],
    ['it cannot be told whether it ended', drifted, driftUnknown, []],
    ['a part goes', whole, incomplete, ['Warning ImagePartsMissing']],
    ['a part is missing at first sight', good, incomplete, ['Warning ImagePartsMissing']],
    ['a part stays missing', incomplete, incomplete, []],
    ['a part comes back', incomplete, whole, ['Normal ImagePartsPresent']],
    ['it cannot be told whether a part came back', incomplete, partsUnknown, []],
    ['it has drifted at first sight', null, drifted, ['Warning ImageDrifted']],
  ])('%s', (_, before, after, wanted) => {
    const events = eventsFor(before, after, users, everybody);
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(wanted);
  });

  test('addresses workloads with the message of the condition', () => {
    expect(eventsFor(good, gone, users, everybody)).toEqual([
      {
        regarding: {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          namespace: 'shop',
          name: 'rs-1',
          uid: 'uid-rs-1',
        },
        type: 'Warning',
        reason: 'ImageNotFound',
        message: 'docker.io/library/nginx:1.27 does not exist',
      },
    ]);
    expect(eventsFor(good, lacking, users, everybody)[0]?.message).toBe(
      'docker.io/library/nginx:1.27 lacks linux/arm64',
    );
  });

  test('reports a replaced pin only to the workload of these pods', () => {
    const pods = (pinned: string) => [
      running('mine', { pinned: digest(pinned) }, { createdAt: pinned === 'old' ? noon : noon + 60_000 }),
      running('other', { pinned: digest('old'), owner: 'rs-2' }),
    ];
    const sets = [seen({ digest: digest('old') })];
    const before = buildStatus(inputs({ users: pods('old'), sets }));
    const next = after(before, { users: pods('new'), sets, now: noon + 60_000 });
    const events = eventsFor(before, next, pods('new'), everybody).filter(
      ({ reason }) => reason === 'PinnedDigestNotFound',
    );
    expect(events).toEqual([
      {
        regarding: expect.objectContaining({ kind: 'ReplicaSet', name: 'rs-1' }),
        type: 'Warning',
        reason: 'PinnedDigestNotFound',
        message: `docker.io/library/nginx:1.27: the digest of earlier pods, ${shortDigest(digest('old'))}, is gone; new pods get ${shortDigest(digest('new'))} (web)`,
      },
    ]);
    expect(eventsFor(next, next, pods('new'), everybody)).toEqual([]);
  });

  test('limits number and length of Events', () => {
    const many = Array.from({ length: 100 }, (_, index) => running(`p${index}`, { owner: `rs-${index}` }));
    const long = withResult({ result: 'not-found', inspection: null, message: 'é'.repeat(5_000) });
    const events = eventsFor(good, long, many, everybody);
    expect(events).toHaveLength(20);
    expect(Buffer.byteLength(events[0]?.message ?? '')).toBeLessThanOrEqual(1_024);
  });

  test('reports a missing platform only to workloads that can run on its nodes', () => {
    const both = [running('a', {}), running('b', { owner: 'rs-2' })];
    const missing = withResult({ result: 'platform-missing', missingPlatforms: ['linux/arm64'] });
    const second = (platforms: readonly string[]) => (user: PodRecord) =>
      platforms.includes('linux/arm64') && user.owner?.uid === 'uid-rs-2';
    expect(eventsFor(good, missing, both, second).map(({ regarding }) => regarding.name)).toEqual(['rs-2']);
    expect(eventsFor(good, gone, both, second)).toHaveLength(2);
  });

  test('notifies each workload once, later ones too, and nothing during an outage', () => {
    const [first, second] = [running('a', {}), running('b', { owner: 'rs-2' })];
    const heard: string[] = [];
    let warned: ReturnType<typeof notifiedBy> = null;
    let before: Status | null = null;
    const look = (next: Status, those: readonly PodRecord[]) => {
      const told = eventsIn(before, next, warned, { users: those, runsOn: everybody });
      heard.push(told.events.map(({ reason, regarding }) => `${reason} ${regarding.name}`).join(', '));
      [before, warned] = [next, told.notified];
    };
    look(gone, [first]);
    look(gone, [first, second]);
    look(gone, [first, second]);
    look(unknown, [first, second]);
    look(gone, [first, second]);
    look(refused, [second]);
    look(good, [first, second]);
    look(good, [first, second]);
    expect(heard).toEqual([
      'ImageNotFound rs-1',
      'ImageNotFound rs-2',
      '',
      '',
      '',
      'ImageDenied rs-2',
      'ImageAvailable rs-1, ImageAvailable rs-2',
      '',
    ]);
  });

  test('notifies twenty workloads, and another one when one of them is gone', () => {
    const many = Array.from({ length: 25 }, (_, index) => running(`p${index}`, { owner: `rs-${index}` }));
    const all = { users: many, runsOn: everybody };
    const told = eventsIn(good, gone, null, all);
    expect(told.events).toHaveLength(20);
    expect(eventsIn(gone, gone, told.notified, all).events).toEqual([]);
    const [left] = told.events;
    const fewer = many.filter(({ owner }) => owner?.uid !== left?.regarding.uid);
    expect(eventsIn(gone, gone, told.notified, { ...all, users: fewer }).events).toHaveLength(1);
  });

  test('returns nothing for an image without users', () => {
    expect(eventsFor(good, gone, [], everybody)).toEqual([]);
  });
});
