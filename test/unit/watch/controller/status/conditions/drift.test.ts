import { describe, expect, test } from '@jest/globals';
import type { Inspection } from '../../../../../../src/resolve/inspection/inspection.ts';
import type { PodRecord } from '../../../../../../src/watch/cluster/records/pod-record.ts';
import { buildStatus } from '../../../../../../src/watch/controller/status/status.ts';
import { record } from '../../records.ts';
import { after, condition, digest, inputs, judged, running, seen } from '../inputs.ts';

const [old, now, part] = [digest('old'), digest('now'), digest('part')];
const tag = (means: typeof now, kind: Inspection['kind'] = 'index') => seen({ digest: means, kind });
const word = ({ status, reason }: { status: string; reason: string }): string => `${status} ${reason}`;

function drift(set: ReturnType<typeof tag>, ...users: PodRecord[]): string {
  return word(condition(buildStatus(inputs({ sets: [set], users })), 'Drifted'));
}

describe('the condition Drifted at the first inspection', () => {
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

  test('is False for an image by digest', () => {
    const image = `nginx:1.27@${old}`;
    const status = buildStatus(
      inputs({ image, sets: [seen({}, image)], users: [running('a', { image, running: part })] }),
    );
    expect(word(condition(status, 'Drifted'))).toBe('False ByDigest');
  });

  test('ignores digests of other node groups', () => {
    const users = [running('a', { running: old }), running('b', { pinned: old })];
    const status = buildStatus(inputs({ sets: [tag(now)], users, otherGroupDigests: [old] }));
    expect(word(condition(status, 'Drifted'))).toBe('False UpToDate');
  });

  test('ignores digests of other credentials', () => {
    const other = judged({ inspection: tag(old).verdict.inspection }, 'regcred');
    const status = buildStatus(inputs({ sets: [tag(now), other], users: [running('a', { running: old })] }));
    expect(word(condition(status, 'Drifted'))).toBe('False UpToDate');
  });

  test('ignores an inspection of an earlier digest', () => {
    const asked = seen({}, `nginx:1.27@${old}`);
    const status = buildStatus(inputs({ sets: [asked], users: [running('a', { running: old })] }));
    expect(word(condition(status, 'Drifted'))).toBe('Unknown TagUnresolved');
    expect(status).not.toHaveProperty('digest');
    expect(status.credentials).toEqual([
      { serviceAccountName: 'default', imagePullSecrets: [], result: 'available' },
    ]);
  });

  test('names both digests in its message', () => {
    const status = buildStatus(inputs({ sets: [tag(now)], users: [running('a', { pinned: old })] }));
    expect(condition(status, 'Drifted').message).toBe(
      `docker.io/library/nginx:1.27 now resolves to ${now.slice(0, 19)}; pods run ${old.slice(0, 19)}`,
    );
  });
});

describe('the condition Drifted over time', () => {
  const users = [running('a', { running: old }), running('b', { running: old })];
  const first = buildStatus(inputs({ sets: [tag(old)], users }));

  test('is True once the tag named the running digest before', () => {
    expect(first.running).toEqual([{ digest: old, pods: 2, relation: 'current' }]);
    const moved = after(first, { sets: [tag(now)], users });
    expect(moved.running).toEqual([{ digest: old, pods: 2, relation: 'outdated' }]);
    expect(word(condition(moved, 'Drifted'))).toBe('True TagMoved');
  });

  test('stays True when the tag moves on and during an outage', () => {
    const moved = after(first, { sets: [tag(now)], users });
    const on = after(moved, { sets: [tag(digest('next'))], users });
    expect(word(condition(on, 'Drifted'))).toBe('True TagMoved');
    const out = after(on, { sets: [judged({ result: 'unavailable', inspection: null })], users });
    expect(word(condition(out, 'Drifted'))).toBe('Unknown TagUnresolved');
    expect(out.running).toEqual([{ digest: old, pods: 2, relation: 'outdated' }]);
  });

  test('ends when the tag moves back or the pods end', () => {
    const moved = after(first, { sets: [tag(now)], users });
    expect(word(condition(after(moved, { sets: [tag(old)], users }), 'Drifted'))).toBe('False UpToDate');
    expect(word(condition(after(moved, { sets: [tag(now)] }), 'Drifted'))).toBe('False NotRunning');
  });

  test('is Unknown for a manifest that may have become part of an index', () => {
    const alone = buildStatus(inputs({ sets: [tag(old, 'image')], users }));
    expect(word(condition(after(alone, { sets: [tag(now)], users }), 'Drifted'))).toBe(
      'Unknown IndexMembershipUnknown',
    );
  });
});

describe('the running digests', () => {
  test('count pods, not containers, most first', () => {
    const twice = record({
      name: 'twice',
      images: [
        { image: 'nginx:1.27', running: part },
        { image: 'nginx:1.27', running: part },
      ],
    });
    const users = [twice, running('a', { running: now }), running('b', { running: now })];
    expect(buildStatus(inputs({ sets: [tag(now)], users })).running).toEqual([
      { digest: now, pods: 2, relation: 'current' },
      { digest: part, pods: 1, relation: 'unknown' },
    ]);
  });

  test('are limited to sixteen, with preference for those listed before', () => {
    const pods = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) =>
        running(`p${index + from}`, { running: digest(`d${index + from}`) }),
      );
    const full = buildStatus(inputs({ users: pods(16) }));
    const more = after(full, { users: [...pods(16), ...pods(30, 16), ...pods(30, 16)] });
    expect(more.running.map((each) => each.digest)).toEqual(full.running.map((each) => each.digest));
  });
});
