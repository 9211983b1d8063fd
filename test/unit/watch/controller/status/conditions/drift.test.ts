import { describe, expect, test } from '@jest/globals';
import type { Inspection } from '../../../../../../src/resolve/inspection/inspection.ts';
import type { PodRecord } from '../../../../../../src/watch/cluster/records/pod-record.ts';
import { statusOf } from '../../../../../../src/watch/controller/status/status.ts';
import { record } from '../../records.ts';
import { after, condition, digest, facts, judged, running, seen } from '../inputs.ts';

const [old, now, part] = [digest('old'), digest('now'), digest('part')];
const tag = (means: typeof now, kind: Inspection['kind'] = 'index') => seen({ digest: means, kind });
const word = ({ status, reason }: { status: string; reason: string }): string => `${status} ${reason}`;

function drift(set: ReturnType<typeof tag>, ...users: PodRecord[]): string {
  return word(condition(statusOf(facts({ sets: [set], users })), 'Drifted'));
}

describe('drift, from one look', () => {
  test.each<[string, ReturnType<typeof tag>, PodRecord[], string]>([
    ['nothing runs', tag(now), [], 'False NotRunning'],
    ['a pod runs what the tag means', tag(now), [running('a', { running: now })], 'False UpToDate'],
    ['a pod is pinned to it', tag(now), [running('a', { pinned: now })], 'False UpToDate'],
    ['a pod is pinned to another', tag(now), [running('a', { pinned: old })], 'True TagMoved'],
    [
      'one of two is',
      tag(now),
      [running('a', { pinned: now }), running('b', { pinned: old, running: old })],
      'True TagMoved',
    ],
    [
      'a pinned pod whose runtime reports a part of it',
      tag(now),
      [running('a', { pinned: now, running: part })],
      'False UpToDate',
    ],
    [
      'and one beside it that runs the same part unpinned',
      tag(now),
      [running('a', { pinned: now, running: part }), running('b', { running: part })],
      'False UpToDate',
    ],
    [
      'another digest, which may be a part of the index',
      tag(now),
      [running('a', { running: part })],
      'Unknown IndexMembershipUnknown',
    ],
    [
      'another digest than the only manifest',
      tag(now, 'image'),
      [running('a', { running: part })],
      'True TagMoved',
    ],
    [
      'a pod that is over',
      tag(now),
      [running('a', { pinned: old }, { isFinished: true })],
      'False NotRunning',
    ],
    [
      'a template that is pinned',
      tag(now),
      [record({ kind: 'Deployment', images: [{ original: 'nginx:1.27', image: `nginx:1.27@${old}` }] })],
      'False NotRunning',
    ],
    [
      'another image of the same pod',
      tag(now),
      [record({ images: ['nginx:1.27', { image: 'redis:7', running: old }] })],
      'False NotRunning',
    ],
    [
      'the same image in another spelling',
      tag(now),
      [running('a', { image: 'docker.io/library/nginx:1.27', pinned: old })],
      'True TagMoved',
    ],
    [
      'the tag is not known',
      judged({ result: 'unavailable', inspection: null }),
      [running('a', { pinned: old })],
      'Unknown TagUnresolved',
    ],
  ])('%s', (_, set, users, wanted) => {
    expect(drift(set, ...users)).toBe(wanted);
  });

  test('an image by digest never drifts', () => {
    const image = `nginx:1.27@${old}`;
    const status = statusOf(
      facts({ image, sets: [seen({}, image)], users: [running('a', { image, running: part })] }),
    );
    expect(word(condition(status, 'Drifted'))).toBe('False ByDigest');
  });

  test('what the tag means for other nodes is no drift', () => {
    const users = [running('a', { running: old }), running('b', { pinned: old })];
    const status = statusOf(facts({ sets: [tag(now)], users, elsewhere: [old] }));
    expect(word(condition(status, 'Drifted'))).toBe('False UpToDate');
  });

  test('what it means with other credentials is none either', () => {
    const other = judged({ inspection: tag(old).verdict.inspection }, 'regcred');
    const status = statusOf(facts({ sets: [tag(now), other], users: [running('a', { running: old })] }));
    expect(word(condition(status, 'Drifted'))).toBe('False UpToDate');
  });

  test('an answer about an earlier digest says nothing of the tag', () => {
    const asked = seen({}, `nginx:1.27@${old}`);
    const status = statusOf(facts({ sets: [asked], users: [running('a', { running: old })] }));
    expect(word(condition(status, 'Drifted'))).toBe('Unknown TagUnresolved');
    expect(status).not.toHaveProperty('digest');
    expect(status.credentials).toEqual([
      { serviceAccountName: 'default', imagePullSecrets: [], result: 'available' },
    ]);
  });

  test('the message names both', () => {
    const status = statusOf(facts({ sets: [tag(now)], users: [running('a', { pinned: old })] }));
    expect(condition(status, 'Drifted').message).toBe(
      `docker.io/library/nginx:1.27 is ${now.slice(0, 19)} now, and pods have ${old.slice(0, 19)}`,
    );
  });
});

describe('drift, as time goes by', () => {
  const users = [running('a', { running: old }), running('b', { running: old })];
  const first = statusOf(facts({ sets: [tag(old)], users }));

  test('what the tag meant before is known to be no part of what it means now', () => {
    expect(first.running).toEqual([{ digest: old, pods: 2, relation: 'current' }]);
    const moved = after(first, { sets: [tag(now)], users });
    expect(moved.running).toEqual([{ digest: old, pods: 2, relation: 'outdated' }]);
    expect(word(condition(moved, 'Drifted'))).toBe('True TagMoved');
  });

  test('and stays known when it moves on, and through an outage', () => {
    const moved = after(first, { sets: [tag(now)], users });
    const on = after(moved, { sets: [tag(digest('next'))], users });
    expect(word(condition(on, 'Drifted'))).toBe('True TagMoved');
    const out = after(on, { sets: [judged({ result: 'unavailable', inspection: null })], users });
    expect(word(condition(out, 'Drifted'))).toBe('Unknown TagUnresolved');
    expect(out.running).toEqual([{ digest: old, pods: 2, relation: 'outdated' }]);
  });

  test('ends when the tag comes back, or the pods go', () => {
    const moved = after(first, { sets: [tag(now)], users });
    expect(word(condition(after(moved, { sets: [tag(old)], users }), 'Drifted'))).toBe('False UpToDate');
    expect(word(condition(after(moved, { sets: [tag(now)] }), 'Drifted'))).toBe('False NotRunning');
  });

  test('a manifest that was alone may have become a part of an index', () => {
    const alone = statusOf(facts({ sets: [tag(old, 'image')], users }));
    expect(word(condition(after(alone, { sets: [tag(now)], users }), 'Drifted'))).toBe(
      'Unknown IndexMembershipUnknown',
    );
  });
});

describe('running', () => {
  test('counts pods, not containers, and shows most first', () => {
    const twice = record({
      name: 'twice',
      images: [
        { image: 'nginx:1.27', running: part },
        { image: 'nginx:1.27', running: part },
      ],
    });
    const users = [twice, running('a', { running: now }), running('b', { running: now })];
    expect(statusOf(facts({ sets: [tag(now)], users })).running).toEqual([
      { digest: now, pods: 2, relation: 'current' },
      { digest: part, pods: 1, relation: 'unknown' },
    ]);
  });

  test('lists sixteen, and keeps those that it listed', () => {
    const pods = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) =>
        running(`p${index + from}`, { running: digest(`d${index + from}`) }),
      );
    const full = statusOf(facts({ users: pods(16) }));
    const more = after(full, { users: [...pods(16), ...pods(30, 16), ...pods(30, 16)] });
    expect(more.running.map((each) => each.digest)).toEqual(full.running.map((each) => each.digest));
  });
});
