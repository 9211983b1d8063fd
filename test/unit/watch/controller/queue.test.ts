import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backOff, WorkQueue } from '../../../../src/watch/controller/queue.ts';
import { FakeTimers, settled } from './fake-timers.ts';

const end: AbortController[] = [];
afterEach(() => end.splice(0).forEach((each) => each.abort()));

interface Hand {
  readonly key: string;
  done(again?: number | null): void;
  fail(): void;
}

/** A queue whose work ends when the test says so. */
function queue(workers = 2) {
  const timers = new FakeTimers();
  const hands: Hand[] = [];
  const failures: string[] = [];
  const stop = new AbortController();
  end.push(stop);
  const work = new WorkQueue({
    workers: () => workers,
    timers,
    random: () => 0.5,
    failed: (key, _error, count) => failures.push(`${key} ${count}`),
    work: (key) =>
      new Promise((resolve, reject) => {
        hands.push({ key, done: (again = null) => resolve(again), fail: () => reject(new Error('no')) });
      }),
  });
  return { work, timers, hands, failures, stop, running: work.run(stop.signal) };
}

describe('the work queue', () => {
  test('a key added three times is worked on once', async () => {
    const { work, hands } = queue();
    for (let i = 0; i < 3; i++) work.add('a');
    await settled();
    // The first add was taken at once; the others only say that it changed since.
    expect(hands.map(({ key }) => key)).toEqual(['a']);
    hands[0]?.done();
    await settled();
    expect(hands.map(({ key }) => key)).toEqual(['a', 'a']);
    hands[1]?.done();
    await settled();
    expect(hands).toHaveLength(2);
  });

  test('only so many keys are worked on at the same time, in the order they came', async () => {
    const { work, hands } = queue(2);
    for (const key of ['a', 'b', 'c', 'd']) work.add(key);
    expect([hands.map(({ key }) => key), work.depth]).toEqual([['a', 'b'], 2]);
    hands[1]?.done();
    await settled();
    expect(hands.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  test('what somebody waits for goes before what is only looked at again, whenever that came', async () => {
    const { work, hands } = queue(1);
    work.add('a');
    for (const key of ['b', 'c', 'd']) work.add(key, 'whenever');
    work.add('new');
    work.add('d');
    work.add('new', 'whenever');
    for (let i = 0; i < 5; i++) {
      hands[i]?.done();
      await settled();
    }
    expect(hands.map(({ key }) => key)).toEqual(['a', 'new', 'd', 'b', 'c']);
  });

  test('an appointment to look again does not hold up what is urgent, and the other way round', async () => {
    const { work, timers, hands } = queue(1);
    work.add('busy');
    for (const key of ['x', 'y']) work.add(key, 'whenever');
    work.addAfter('y', 1_000);
    work.add('y', 'whenever');
    work.addAfter('a', 500, 'whenever');
    work.addAfter('a', 1_000);
    await timers.pass(1_000);
    for (let i = 0; i < 4; i++) {
      hands[i]?.done();
      await settled();
    }
    expect(hands.map(({ key }) => key)).toEqual(['busy', 'a', 'y', 'x']);
    expect(timers.pending).toBe(0);
  });

  test('thousands of keys with nothing to do leave room for others on their thread', async () => {
    const stop = new AbortController();
    end.push(stop);
    let turns = 0;
    const work = new WorkQueue({
      workers: () => 8,
      timers: new FakeTimers(),
      random: () => 0.5,
      failed: () => undefined,
      work: () => Promise.resolve(null),
    });
    void work.run(stop.signal);
    for (let i = 0; i < 2_000; i++) work.add(`key-${i}`);
    for (; work.depth > 0; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThan(200);
  });

  test('a clock that is set does not move appointments', async () => {
    const { work, timers, hands } = queue();
    work.addAfter('a', 1_800_000, 'whenever');
    timers.set(3_600_000);
    work.addAfter('a', 1_000);
    await timers.pass(1_000);
    expect(hands).toHaveLength(1);
  });

  test('a key comes back after the time that its work asked for', async () => {
    const { work, timers, hands } = queue();
    work.add('a');
    hands[0]?.done(1_000);
    await timers.pass(999);
    expect(hands).toHaveLength(1);
    await timers.pass(1);
    expect(hands).toHaveLength(2);
  });

  test('of two appointments the earlier one holds, and an add makes both needless', async () => {
    const { work, timers, hands } = queue();
    work.addAfter('a', 5_000);
    work.addAfter('a', 1_000);
    work.addAfter('a', 3_000);
    expect(timers.pending).toBe(1);
    await timers.pass(1_000);
    hands[0]?.done();
    await timers.pass(10_000);
    expect(hands).toHaveLength(1);
    work.addAfter('b', 1_000);
    work.add('b');
    expect(timers.pending).toBe(0);
  });

  test('failures come back later and later, and are forgotten after a success', async () => {
    const { work, timers, hands, failures } = queue();
    work.add('a');
    hands[0]?.fail();
    await timers.pass(500);
    hands[1]?.fail();
    await timers.pass(999);
    expect(hands).toHaveLength(2);
    await timers.pass(1);
    hands[2]?.done();
    await settled();
    work.add('a');
    hands[3]?.fail();
    await settled();
    expect(failures).toEqual(['a 1', 'a 2', 'a 1']);
  });

  test('a key that changed while it was worked on is worked on again, whatever came of it', async () => {
    const { work, hands } = queue();
    work.add('a');
    work.add('a');
    hands[0]?.fail();
    await settled();
    expect(hands).toHaveLength(2);
  });

  test('ends when the work in hand has ended, and leaves no timer behind', async () => {
    const { work, timers, hands, stop, running } = queue();
    work.add('a');
    work.addAfter('b', 1_000);
    stop.abort();
    let over = false;
    void running.then(() => (over = true));
    await settled();
    expect(over).toBe(false);
    hands[0]?.done(1_000);
    await running;
    expect([timers.pending, work.depth]).toEqual([0, 0]);
    work.add('c');
    await settled();
    expect(hands).toHaveLength(1);
  });

  test('waits no longer than five minutes and a quarter', () => {
    expect([1, 2, 3, 30].map((failures) => backOff(failures, () => 0.5))).toEqual([
      500, 1_000, 2_000, 300_000,
    ]);
    expect(backOff(30, () => 1)).toBe(375_000);
  });
});

describe('whatever happens', () => {
  const urgency = fc.constantFrom('soon' as const, 'whenever' as const);
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom('a', 'b', 'c'), urgency }),
    fc.record({ later: fc.constantFrom('a', 'b', 'c'), ms: fc.integer({ min: 1, max: 2_000 }), urgency }),
    fc.record({ pass: fc.integer({ min: 1, max: 1_000 }) }),
    fc.record({ end: fc.nat({ max: 5 }), how: fc.constantFrom('done', 'again', 'fail') }),
  );

  test('no key is in two hands, and every add is followed by work that began after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, workers) => {
          const timers = new FakeTimers();
          const open = new Map<string, (how: string) => void>();
          const owed = new Set<string>();
          const stop = new AbortController();
          const work = new WorkQueue({
            workers: () => workers,
            timers,
            random: () => 0.5,
            failed: () => undefined,
            work: (key) => {
              expect(open.has(key)).toBe(false);
              expect(open.size).toBeLessThan(workers);
              owed.delete(key);
              return new Promise((resolve, reject) => {
                open.set(key, (how) => {
                  open.delete(key);
                  if (how === 'fail') reject(new Error('no'));
                  else resolve(how === 'again' ? 500 : null);
                });
              });
            },
          });
          const running = work.run(stop.signal);
          for (const each of steps) {
            if ('add' in each) {
              owed.add(each.add);
              work.add(each.add, each.urgency);
            } else if ('later' in each) {
              owed.add(each.later);
              work.addAfter(each.later, each.ms, each.urgency);
            } else if ('pass' in each) await timers.pass(each.pass);
            else [...open.values()][each.end]?.(each.how);
          }
          for (let i = 0; i < 50 && (open.size > 0 || owed.size > 0); i++) {
            for (const finish of open.values()) finish('done');
            await timers.pass(3_000);
          }
          expect([...owed]).toEqual([]);
          stop.abort();
          for (const finish of open.values()) finish('done');
          await running;
          expect(timers.pending).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
