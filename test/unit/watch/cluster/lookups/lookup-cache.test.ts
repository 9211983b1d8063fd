import { beforeEach, describe, expect, test } from '@jest/globals';
import { LookupCache, type LookupOutcome } from '../../../../../src/watch/cluster/lookups/lookup-cache.ts';
import { KubernetesError } from '../../../../../src/watch/kubernetes/api.ts';

const ttlMs = 60_000;
const failure = (code: KubernetesError['code']) => new KubernetesError(code, code);

let now = 0;
let asked: string[] = [];
/** What the next questions are answered with, in turn; the last one stays. */
let answers: (() => Promise<string>)[] = [];

const kept = (changes: Partial<ConstructorParameters<typeof LookupCache<string>>[0]> = {}) =>
  new LookupCache<string>({
    fetch: (key) => {
      asked.push(key);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer ? answer() : Promise.resolve(`value of ${key}`);
    },
    ttlMs,
    clock: () => now,
    ...changes,
  });

beforeEach(() => {
  [now, asked, answers] = [0, [], []];
});

test('an answer is at hand from then on, without a promise', async () => {
  const cache = kept();
  expect(cache.get('a')).toBeInstanceOf(Promise);
  expect(await cache.get('a')).toEqual({ kind: 'found', value: 'value of a' });
  expect(cache.get('a')).toEqual({ kind: 'found', value: 'value of a' });
  expect(asked).toEqual(['a']);
});

test('fifty who ask at the same time wait for one answer', async () => {
  const cache = kept();
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => Promise.resolve(cache.get('a'))));
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect(asked).toEqual(['a']);
});

describe('how long', () => {
  test.each<[string, (() => Promise<string>) | null, number]>([
    ['a value', null, ttlMs],
    ['that there is none', () => Promise.reject(failure('NotFound')), 5_000],
    ['that nobody knows', () => Promise.reject(failure('Forbidden')), 1_000],
  ])('%s', async (_what, answer, ms) => {
    if (answer) answers = [answer];
    const cache = kept();
    await cache.get('a');
    now = ms - 1;
    expect(cache.get('a')).not.toBeInstanceOf(Promise);
    now = ms;
    expect(cache.get('a')).toBeInstanceOf(Promise);
  });

  test('nothing is kept with a time of none', async () => {
    const cache = kept({ ttlMs: 0 });
    await cache.get('a');
    await cache.get('a');
    expect(asked).toEqual(['a', 'a']);
  });
});

test.each(['Forbidden', 'Timeout', 'Unreachable', 'Server', 'Malformed'] as const)(
  '%s is told as what it is',
  async (code) => {
    answers = [() => Promise.reject(failure(code))];
    expect(await kept().get('a')).toEqual({ kind: 'failed', code });
  },
);

test('our own mistake is no answer', async () => {
  answers = [() => Promise.reject(new TypeError('undefined is not a function'))];
  await expect(kept().get('a')).rejects.toThrow('undefined is not a function');
});

describe('ahead of its end', () => {
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 10; n++) await Promise.resolve();
  };

  test('an answer is asked for anew, while the old one serves', async () => {
    answers = [() => Promise.resolve('one'), () => Promise.resolve('two')];
    const cache = kept();
    await cache.get('a');
    now = ttlMs * 0.9;
    expect(cache.get('a')).toEqual({ kind: 'found', value: 'one' });
    await settle();
    expect(cache.get('a')).toEqual({ kind: 'found', value: 'two' });
    expect(asked).toHaveLength(2);
  });

  test('a failure takes nothing away', async () => {
    answers = [() => Promise.resolve('one'), () => Promise.reject(failure('Unreachable'))];
    const cache = kept();
    await cache.get('a');
    now = ttlMs * 0.9;
    void cache.get('a');
    await settle();
    expect(cache.get('a')).toEqual({ kind: 'found', value: 'one' });
    now = ttlMs;
    expect(await cache.get('a')).toEqual({ kind: 'failed', code: 'Unreachable' });
  });

  test('what is gone is gone', async () => {
    answers = [() => Promise.resolve('one'), () => Promise.reject(failure('NotFound'))];
    const cache = kept();
    await cache.get('a');
    now = ttlMs * 0.9;
    void cache.get('a');
    await settle();
    expect(cache.get('a')).toEqual({ kind: 'absent' });
  });
});

test('what reads the same stays the same object', async () => {
  const fetch = () => Promise.resolve({ value: 1 });
  const cache = new LookupCache({ fetch, ttlMs, clock: () => now, same: (a, b) => a.value === b.value });
  const before = await cache.get('a');
  now = ttlMs;
  expect(await cache.get('a')).toBe(before);
});

test('questions under way are bounded: what is beyond counts as not known', async () => {
  const cache = kept({ fetch: () => new Promise<never>(() => {}) });
  const outcomes: (LookupOutcome<string> | Promise<LookupOutcome<string>>)[] = [];
  for (let n = 0; n <= 1_000; n++) outcomes.push(cache.get(`key-${n}`));
  expect(await outcomes.at(-1)).toEqual({ kind: 'failed', code: 'TooManyRequests' });
});

test('what is kept is bounded by its size', async () => {
  const cache = kept({ size: () => 20 * 2 ** 20 });
  await cache.get('a');
  await cache.get('b');
  await cache.get('a');
  expect(asked).toEqual(['a', 'b', 'a']);
});
