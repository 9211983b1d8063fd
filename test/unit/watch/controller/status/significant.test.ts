import { describe, expect, test } from '@jest/globals';
import { isSignificantChange } from '../../../../../src/watch/controller/status/significant.ts';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import { after, attempt, digest, inputs, judged, noon, object, running, seen } from './inputs.ts';

const users = [running('a', { pinned: digest('one'), running: digest('one') })];
const before = buildStatus(inputs({ users }));
const soon = noon + 59 * 60_000;

describe('isSignificantChange', () => {
  test('is true for the first status', () => {
    expect(isSignificantChange(null, before, noon)).toBe(true);
  });

  test.each<[string, Parameters<typeof inputs>[0]]>([
    ['a later look', {}],
    [
      'more pods of the same',
      { users: [...users, running('b', { pinned: digest('one'), running: digest('one') })] },
    ],
    ['another text', { sets: [seen({ message: 'is up to date' })] }],
    ['a newer look of the registry', { sets: [seen({ inspectedAt: soon })] }],
  ])('is false within an hour for %s', (_, changes) => {
    expect(isSignificantChange(before, after(before, { users, ...changes, now: soon }), soon)).toBe(false);
  });

  test('is false for another temporary failure of an endpoint', () => {
    const failing = (result: 'unavailable' | 'skipped' | 'tls', reason: string | null) => ({
      users,
      sets: [seen({ attempts: [attempt({ result, reason })] })],
    });
    const down = after(before, { ...failing('unavailable', null), now: noon });
    expect(isSignificantChange(before, down, noon)).toBe(true);
    const spared = after(down, { ...failing('skipped', 'CircuitOpen'), now: soon });
    expect(isSignificantChange(down, spared, soon)).toBe(false);
    expect(isSignificantChange(down, after(down, { ...failing('tls', null), now: soon }), soon)).toBe(true);
  });

  test('is true after an hour', () => {
    const hour = noon + 3_600_000;
    expect(isSignificantChange(before, after(before, { users, now: hour }), hour)).toBe(true);
    expect(isSignificantChange(before, after(before, { users, now: 0 }), 0)).toBe(true);
  });

  test.each<[string, Parameters<typeof inputs>[0]]>([
    ['another result', { sets: [judged({ result: 'not-found', inspection: null })] }],
    ['another reason', { sets: [judged({ reason: 'PresentOnNode' })] }],
    ['another digest', { sets: [seen({ digest: digest('two') })] }],
    ['fewer platforms', { sets: [seen({ platforms: [] })] }],
    ['platforms in doubt', { sets: [seen({ platformsComplete: false })] }],
    ['another endpoint', { sets: [seen({ endpoint: 'https://registry-1.docker.io/v2' })] }],
    ['an endpoint that fails', { sets: [seen({ attempts: [attempt({ result: 'tls' })] })] }],
    ['one that answers otherwise', { sets: [seen({ attempts: [attempt({ status: 500 })] })] }],
    ['a missing platform', { sets: [judged({ missingPlatforms: ['linux/arm64'] })] }],
    ['other credentials', { sets: [judged({}, 'regcred')] }],
    ['a remembered answer', { sets: [seen({ stale: true })] }],
    ['another pin', { users: [...users, running('b', { pinned: digest('one'), owner: 'rs-2' })] }],
    ['something else that runs', { users: [...users, running('b', { running: digest('two') })] }],
    ['the end of all pods', { users: [] }],
  ])('is true for %s', (_, changes) => {
    expect(isSignificantChange(before, after(before, { users, ...changes, now: soon }), soon)).toBe(true);
  });

  test('is true for a new generation', () => {
    const next = buildStatus(inputs({ users, now: soon, object: object({ status: before, generation: 2 }) }));
    expect(isSignificantChange(before, next, soon)).toBe(true);
  });
});
