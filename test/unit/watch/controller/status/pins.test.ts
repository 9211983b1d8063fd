import { describe, expect, test } from '@jest/globals';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import { record } from '../records.ts';
import { after, digest, inputs, noon, running } from './inputs.ts';

const [one, two] = [digest('one'), digest('two')];
const hours = (count: number) => noon + count * 3_600_000;
const at = (count: number) => ({ createdAt: hours(count) });

describe('pins', () => {
  test('are collected by owner and container with their first time', () => {
    const users = [
      running('b', { pinned: one }, at(2)),
      running('a', { pinned: one }, at(1)),
      running('loose', { running: two, owner: 'rs-2' }),
      running('lone', { pinned: two }, { owner: null }),
    ];
    expect(buildStatus(inputs({ users })).pins).toEqual([
      { ownerUID: 'uid-rs-1', container: 'web', digest: one, since: '2026-01-02T13:00:00Z' },
    ]);
  });

  test('do not include images written with a digest', () => {
    const image = `nginx:1.27@${one}`;
    expect(buildStatus(inputs({ image, users: [running('a', { image })] })).pins).toEqual([]);
  });

  test('are kept while their owner exists, the newest first', () => {
    const before = buildStatus(inputs({ users: [running('a', { pinned: one, owner: 'rs-1' }, at(1))] }));
    const next = [running('b', { pinned: two, owner: 'rs-2' }, at(2))];
    const kept = after(before, { users: next, ownerExists: (uid) => uid === 'uid-rs-1' });
    expect(kept.pins.map(({ ownerUID, digest }) => [ownerUID, digest])).toEqual([
      ['uid-rs-2', two],
      ['uid-rs-1', one],
    ]);
    expect(after(kept, { users: next }).pins.map(({ ownerUID }) => ownerUID)).toEqual(['uid-rs-2']);
  });

  test('are kept while a template of the owner is among the users', () => {
    const before = buildStatus(inputs({ users: [running('a', { pinned: one }, at(1))] }));
    const template = record({
      kind: 'ReplicaSet',
      uid: 'uid-rs-1',
      owner: { kind: 'ReplicaSet', name: 'rs-1', uid: 'uid-rs-1' },
      isFinished: true,
    });
    expect(after(before, { users: [template] }).pins).toEqual(before.pins);
  });

  test('are replaced by the newer one of the same owner', () => {
    const old = running('a', { pinned: one }, at(1));
    const before = buildStatus(inputs({ users: [old] }));
    const both = after(before, { users: [old, running('b', { pinned: two }, at(5))] });
    expect(both.pins).toEqual([
      { ownerUID: 'uid-rs-1', container: 'web', digest: two, since: '2026-01-02T17:00:00Z' },
    ]);
    expect(after(both, { users: [old] }).pins).toEqual(both.pins);
  });

  test('are limited to the newest thirty-two', () => {
    const users = Array.from({ length: 40 }, (_, index) =>
      running(`p${index}`, { pinned: one, owner: `rs-${index}` }, at(index)),
    );
    const { pins } = buildStatus(inputs({ users }));
    expect(pins).toHaveLength(32);
    expect(pins.at(0)?.ownerUID).toBe('uid-rs-39');
    expect(pins.at(-1)?.ownerUID).toBe('uid-rs-8');
  });
});
