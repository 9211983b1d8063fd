import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { retryDelayMs, WorkQueue } from '../../../../src/watch/controller/queue.ts';
import { FakeTimers, settled } from './fake-timers.ts';

const end: AbortController[] = [];
afterEach(() => end.splice(0).forEach((each) => each.abort()));

interface RunningWork {
  readonly key: string;
  done(again?: number | null): void;
  fail(): void;
}

/** Creates a queue whose work ends when the test says so. */
function queue(workers = 2) {
  const timers = new FakeTimers();
  const started: RunningWork[] = [];
  const failures: string[] = [];
  const stop = new AbortController();
  end.push(stop);
  const work = new WorkQueue({
    workers: () => workers,
    timers,
    random: () => 0.5,
    onFailure: (key, _error, count) => failures.push(`${key} ${count}`),
    work: (key) =>
      new Promise((resolve, reject) => {
        started.push({ key, done: (again = null) => resolve(again), fail: () => reject(new Error('no')) });
      }),
  });
  return { work, timers, started, failures, stop, running: work.run(stop.signal) };
}

describe('the work queue', () => {
  test('processes a key once that is added three times', async () => {
    const { work, started } = queue();
    for (let i = 0; i < 3; i++) work.add('a');
    await settled();
    // The first addition is processed at once; the others mark the key as dirty.
    expect(started.map(({ key }) => key)).toEqual(['a']);
    started[0]?.done();
    await settled();
    expect(started.map(({ key }) => key)).toEqual(['a', 'a']);
    started[1]?.done();
    await settled();
    expect(started).toHaveLength(2);
  });

  test('processes as many keys at a time as there are workers, in order', async () => {
    const { work, started } = queue(2);
    for (const key of ['a', 'b', 'c', 'd']) work.add(key);
    expect([started.map(({ key }) => key), work.depth]).toEqual([['a', 'b'], 2]);
    started[1]?.done();
    await settled();
    expect(started.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  test('processes keys with high priority first, whenever they were added', async () => {
    const { work, started } = queue(1);
    work.add('a');
    for (const key of ['b', 'c', 'd']) work.add(key, 'low');
    work.add('new');
    work.add('d');
    work.add('new', 'low');
    for (let i = 0; i < 5; i++) {
      started[i]?.done();
      await settled();
    }
    expect(started.map(({ key }) => key)).toEqual(['a', 'new', 'd', 'b', 'c']);
  });

  test('a delayed review does not delay a high-priority key, nor the other way round', async () => {
    const { work, timers, started } = queue(1);
    work.add('busy');
    for (const key of ['x', 'y']) work.add(key, 'low');
    work.addAfter('y', 1_000);
    work.add('y', 'low');
    work.addAfter('a', 500, 'low');
    work.addAfter('a', 1_000);
    await timers.pass(1_000);
    for (let i = 0; i < 4; i++) {
      started[i]?.done();
      await settled();
    }
    expect(started.map(({ key }) => key)).toEqual(['busy', 'a', 'y', 'x']);
    expect(timers.pending).toBe(0);
  });

  test('thousands of keys without work yield to the event loop', async () => {
    const stop = new AbortController();
    end.push(stop);
    let turns = 0;
    const work = new WorkQueue({
      workers: () => 8,
      timers: new FakeTimers(),
      random: () => 0.5,
      onFailure: () => undefined,
      work: () => Promise.resolve(null),
    });
    void work.run(stop.signal);
    for (let i = 0; i < 2_000; i++) work.add(`key-${i}`);
    for (; work.depth > 0; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThan(200);
  });

  test('a change of the wall clock does not move delayed keys', async () => {
    const { work, timers, started } = queue();
    work.addAfter('a', 1_800_000, 'low');
    timers.set(3_600_000);
    work.addAfter('a', 1_000);
    await timers.pass(1_000);
    expect(started).toHaveLength(1);
  });

  test('processes a key again after the delay that its work returned', async () => {
    const { work, timers, started } = queue();
    work.add('a');
    started[0]?.done(1_000);
    await timers.pass(999);
    expect(started).toHaveLength(1);
    await timers.pass(1);
    expect(started).toHaveLength(2);
  });

  test('keeps the earlier of two delays, and an immediate addition cancels both', async () => {
    const { work, timers, started } = queue();
    work.addAfter('a', 5_000);
    work.addAfter('a', 1_000);
    work.addAfter('a', 3_000);
    expect(timers.pending).toBe(1);
    await timers.pass(1_000);
    started[0]?.done();
    await timers.pass(10_000);
    expect(started).toHaveLength(1);
    work.addAfter('b', 1_000);
    work.add('b');
    expect(timers.pending).toBe(0);
  });

  test('retries failures with growing delays, and resets the count after a success', async () => {
    const { work, timers, started, failures } = queue();
    work.add('a');
    started[0]?.fail();
    await timers.pass(500);
    started[1]?.fail();
    await timers.pass(999);
    expect(started).toHaveLength(2);
    await timers.pass(1);
    started[2]?.done();
    await settled();
    work.add('a');
    started[3]?.fail();
    await settled();
    expect(failures).toEqual(['a 1', 'a 2', 'a 1']);
  });

  test('processes a key again that was added meanwhile, even after a failure', async () => {
    const { work, started } = queue();
    work.add('a');
    work.add('a');
    started[0]?.fail();
    await settled();
    expect(started).toHaveLength(2);
  });

  test('ends when the work in flight has ended, and leaves no timer', async () => {
    const { work, timers, started, stop, running } = queue();
    work.add('a');
    work.addAfter('b', 1_000);
    stop.abort();
    let hasEnded = false;
    void running.then(() => (hasEnded = true));
    await settled();
    expect(hasEnded).toBe(false);
    started[0]?.done(1_000);
    await running;
    expect([timers.pending, work.depth]).toEqual([0, 0]);
    work.add('c');
    await settled();
    expect(started).toHaveLength(1);
  });

  test('namespaces take turns, whatever the number of their keys', async () => {
    const { work, started } = queue(1);
    for (let i = 0; i < 100; i++) work.add(`crowded/${i}`);
    work.add('honest/a');
    work.add('honest/b');
    for (let i = 0; i < 5; i++) {
      started[i]?.done();
      await settled();
    }
    expect(started.slice(0, 6).map(({ key }) => key)).toEqual([
      'crowded/0',
      'crowded/1',
      'honest/a',
      'crowded/2',
      'honest/b',
      'crowded/3',
    ]);
  });

  test('work of one namespace that never ends leaves workers to the others', async () => {
    const { work, started } = queue(8);
    for (let i = 0; i < 10_000; i++) work.add(`silent/${i}`);
    await settled();
    expect(started).toHaveLength(6);
    work.add('honest/review', 'low');
    work.add('honest/new');
    expect(started.slice(6).map(({ key }) => key)).toEqual(['honest/review', 'honest/new']);
  });

  test('a namespace may use the only worker', () => {
    const { work, started } = queue(1);
    work.add('silent/a');
    expect(started).toHaveLength(1);
  });

  test('waits at most five minutes and a quarter before a retry', () => {
    expect([1, 2, 3, 30].map((failures) => retryDelayMs(failures, () => 0.5))).toEqual([
      500, 1_000, 2_000, 300_000,
    ]);
    expect(retryDelayMs(30, () => 1)).toBe(375_000);
  });
});

describe('after any sequence of calls', () => {
  const priority = fc.constantFrom('high' as const, 'low' as const);
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom('a', 'b', 'c'), priority }),
    fc.record({ later: fc.constantFrom('a', 'b', 'c'), ms: fc.integer({ min: 1, max: 2_000 }), priority }),
    fc.record({ pass: fc.integer({ min: 1, max: 1_000 }) }),
    fc.record({ end: fc.nat({ max: 5 }), how: fc.constantFrom('done', 'again', 'fail') }),
  );

  test('no key is processed twice at a time, and each addition leads to work that began after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, workers) => {
          const timers = new FakeTimers();
          const open = new Map<string, (how: string) => void>();
          const pending = new Set<string>();
          const stop = new AbortController();
          const work = new WorkQueue({
            workers: () => workers,
            timers,
            random: () => 0.5,
            onFailure: () => undefined,
            work: (key) => {
              expect(open.has(key)).toBe(false);
              expect(open.size).toBeLessThan(workers);
              pending.delete(key);
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
              pending.add(each.add);
              work.add(each.add, each.priority);
            } else if ('later' in each) {
              pending.add(each.later);
              work.addAfter(each.later, each.ms, each.priority);
            } else if ('pass' in each) await timers.pass(each.pass);
            else [...open.values()][each.end]?.(each.how);
          }
          for (let i = 0; i < 50 && (open.size > 0 || pending.size > 0); i++) {
            for (const finish of open.values()) finish('done');
            await timers.pass(3_000);
          }
          expect([...pending]).toEqual([]);
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
