import { describe, expect, test } from '@jest/globals';
import { statusOf } from '../../../../../src/watch/controller/status/status.ts';
import { record } from '../records.ts';
import { after, digest, facts, noon, running } from './inputs.ts';

const [one, two] = [digest('one'), digest('two')];
const hours = (count: number) => noon + count * 3_600_000;
const at = (count: number) => ({ createdAt: hours(count) });

describe('pins', () => {
  test('are of pods that were pinned, by owner and container, since the first of them', () => {
    const users = [
      running('b', { pinned: one }, at(2)),
      running('a', { pinned: one }, at(1)),
      running('loose', { running: two, owner: 'rs-2' }),
      running('lone', { pinned: two }, { owner: null }),
    ];
    expect(statusOf(facts({ users })).pins).toEqual([
      { ownerUID: 'uid-rs-1', container: 'web', digest: one, since: '2026-01-02T13:00:00Z' },
    ]);
  });

  test('of an image that was written with its digest there is none', () => {
    const image = `nginx:1.27@${one}`;
    expect(statusOf(facts({ image, users: [running('a', { image })] })).pins).toEqual([]);
  });

  test('stay while their owner lives, the newest first, so that a roll-back finds its own', () => {
    const before = statusOf(facts({ users: [running('a', { pinned: one, owner: 'rs-1' }, at(1))] }));
    const next = [running('b', { pinned: two, owner: 'rs-2' }, at(2))];
    const kept = after(before, { users: next, ownerLives: (uid) => uid === 'uid-rs-1' });
    expect(kept.pins.map(({ ownerUID, digest }) => [ownerUID, digest])).toEqual([
      ['uid-rs-2', two],
      ['uid-rs-1', one],
    ]);
    expect(after(kept, { users: next }).pins.map(({ ownerUID }) => ownerUID)).toEqual(['uid-rs-2']);
  });

  test('stay while a template of the owner is among the users', () => {
    const before = statusOf(facts({ users: [running('a', { pinned: one }, at(1))] }));
    const template = record({
      kind: 'ReplicaSet',
      uid: 'uid-rs-1',
      owner: { kind: 'ReplicaSet', name: 'rs-1', uid: 'uid-rs-1' },
      isFinished: true,
    });
    expect(after(before, { users: [template] }).pins).toEqual(before.pins);
  });

  test('of an owner whose digest was gone, the newer counts', () => {
    const old = running('a', { pinned: one }, at(1));
    const before = statusOf(facts({ users: [old] }));
    const both = after(before, { users: [old, running('b', { pinned: two }, at(5))] });
    expect(both.pins).toEqual([
      { ownerUID: 'uid-rs-1', container: 'web', digest: two, since: '2026-01-02T17:00:00Z' },
    ]);
    expect(after(both, { users: [old] }).pins).toEqual(both.pins);
  });

  test('are thirty-two at most, the newest', () => {
    const users = Array.from({ length: 40 }, (_, index) =>
      running(`p${index}`, { pinned: one, owner: `rs-${index}` }, at(index)),
    );
    const { pins } = statusOf(facts({ users }));
    expect(pins).toHaveLength(32);
    expect(pins.at(0)?.ownerUID).toBe('uid-rs-39');
    expect(pins.at(-1)?.ownerUID).toBe('uid-rs-8');
  });
});
