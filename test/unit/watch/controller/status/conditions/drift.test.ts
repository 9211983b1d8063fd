import { describe, expect, test } from '@jest/globals';
import type { Inspection } from '../../../../../../src/resolve/inspection/inspection.ts';
import type { PodRecord } from '../../../../../../src/watch/cluster/records/pod-record.ts';
import type { ContentRelation } from '../../../../../../src/watch/controller/status/inputs.ts';
import { buildStatus } from '../../../../../../src/watch/controller/status/build-status.ts';
import { record } from '../../records.ts';
import { after, condition, digest, inputs, judged, running, seen } from '../inputs.ts';

const [old, now, part] = [digest('old'), digest('now'), digest('part')];
const tag = (digest: typeof now, kind: Inspection['kind'] = 'index') => seen({ digest, kind });
const word = ({ status, reason }: { status: string; reason: string }): string => `${status} ${reason}`;

function drift(set: ReturnType<typeof tag>, users: PodRecord[], relation?: ContentRelation): string {
  const contentRelations = new Map(relation ? [old, part].map((each) => [each, relation] as const) : []);
  return word(condition(buildStatus(inputs({ sets: [set], users, contentRelations })), 'Drifted'));
}

describe('the condition Drifted at the first inspection', () => {
  test.each<[string, PodRecord[], string, ContentRelation?]>([
    ['no pod', [], 'False NotRunning'],
    ['a pod with the digest of the tag', [running('a', { running: now })], 'False UpToDate'],
    ['a pod pinned to the digest of the tag', [running('a', { pinned: now })], 'False UpToDate'],
    ['a pod pinned to other content', [running('a', { pinned: old })], 'True TagMoved', 'different'],
    ['a pod pinned to the same content', [running('a', { pinned: old })], 'False UpToDate', 'same'],
    ['a pod pinned to unknown content', [running('a', { pinned: old })], 'Unknown ContentUnknown', 'unknown'],
    [
      'one of two pods with other content',
      [running('a', { pinned: now }), running('b', { pinned: old, running: old })],
      'True TagMoved',
      'different',
    ],
    [
      'a pinned pod whose runtime reports another digest',
      [running('a', { pinned: now, running: part })],
      'False UpToDate',
      'different',
    ],
    ['a pod that runs other content', [running('a', { running: part })], 'True TagMoved', 'different'],
    ['a pod that runs the same content', [running('a', { running: part })], 'False UpToDate', 'same'],
    ['a pod that runs unknown content', [running('a', { running: part })], 'Unknown ContentUnknown'],
    [
      'a pod whose runtime reports no comparable digest',
      [running('a', { running: 'unknown' })],
      'Unknown DigestNotReported',
    ],
    [
      'a finished pod',
      [running('a', { pinned: old }, { isFinished: true })],
      'False NotRunning',
      'different',
    ],
    [
      'a pinned template',
      [record({ kind: 'Deployment', images: [{ original: 'nginx:1.27', image: `nginx:1.27@${old}` }] })],
      'False NotRunning',
      'different',
    ],
    [
      'another image of the same pod',
      [record({ images: ['nginx:1.27', { image: 'redis:7', running: old }] })],
      'False NotRunning',
      'different',
    ],
    [
      'the same image in another spelling',
      [running('a', { image: 'docker.io/library/nginx:1.27', pinned: old })],
      'True TagMoved',
      'different',
    ],
  ])('for %s', (_title, users, expected, relation = 'unknown') => {
    expect(drift(tag(now), users, relation)).toBe(expected);
  });

  test('is Unknown while the tag cannot be resolved', () => {
    const unavailable = judged({ result: 'unavailable', inspection: null });
    expect(drift(unavailable, [running('a', { pinned: old })])).toBe('Unknown TagUnresolved');
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
    const contentRelations = new Map([[old, 'different'] as const]);
    const users = [running('a', { pinned: old })];
    const status = buildStatus(inputs({ sets: [tag(now)], users, contentRelations }));
    expect(condition(status, 'Drifted').message).toBe(
      `docker.io/library/nginx:1.27 now resolves to ${now.slice(0, 19)}; pods run ${old.slice(0, 19)}`,
    );
  });
});

describe('the condition Drifted over time', () => {
  const users = [running('a', { running: old }), running('b', { running: old })];
  const first = buildStatus(inputs({ sets: [tag(old)], users }));
  const contentRelations = new Map([[old, 'different'] as const]);
  const moved = after(first, { sets: [tag(now)], users, contentRelations });

  test('is True once the tag names other content', () => {
    expect(first.running).toEqual([{ digest: old, pods: 2, relation: 'current' }]);
    expect(moved.running).toEqual([{ digest: old, pods: 2, relation: 'outdated' }]);
    expect(word(condition(moved, 'Drifted'))).toBe('True TagMoved');
  });

  test('stays True without a new comparison while the tag does not move', () => {
    expect(word(condition(after(moved, { sets: [tag(now)], users }), 'Drifted'))).toBe('True TagMoved');
  });

  test('is Unknown when the tag moves on and the contents cannot be compared', () => {
    const next = after(moved, { sets: [tag(digest('next'))], users });
    expect(word(condition(next, 'Drifted'))).toBe('Unknown ContentUnknown');
  });

  test('is Unknown during an outage, which keeps the relation', () => {
    const outage = after(moved, { sets: [judged({ result: 'unavailable', inspection: null })], users });
    expect(word(condition(outage, 'Drifted'))).toBe('Unknown TagUnresolved');
    expect(outage.running).toEqual([{ digest: old, pods: 2, relation: 'outdated' }]);
  });

  test('ends when the tag moves back or the pods end', () => {
    expect(word(condition(after(moved, { sets: [tag(old)], users }), 'Drifted'))).toBe('False UpToDate');
    expect(word(condition(after(moved, { sets: [tag(now)] }), 'Drifted'))).toBe('False NotRunning');
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
