import { beforeEach, describe, expect, test } from '@jest/globals';
import { LookupCache, type LookupResult } from '../../../../../src/watch/cluster/lookups/lookup-cache.ts';
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

test('a cached value is returned without a promise', async () => {
  const cache = kept();
  expect(cache.get('a')).toBeInstanceOf(Promise);
  expect(await cache.get('a')).toEqual({ kind: 'found', value: 'value of a' });
  expect(cache.get('a')).toEqual({ kind: 'found', value: 'value of a' });
  expect(asked).toEqual(['a']);
});

test('fifty concurrent lookups share one request', async () => {
  const cache = kept();
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => Promise.resolve(cache.get('a'))));
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect(asked).toEqual(['a']);
});

describe('the TTL', () => {
  test.each<[string, (() => Promise<string>) | null, number]>([
    ['a value', null, ttlMs],
    ['an absent object', () => Promise.reject(failure('NotFound')), 5_000],
    ['a failure', () => Promise.reject(failure('Forbidden')), 1_000],
  ])('of %s', async (_title, answer, ms) => {
    if (answer) answers = [answer];
    const cache = kept();
    await cache.get('a');
    now = ms - 1;
    expect(cache.get('a')).not.toBeInstanceOf(Promise);
    now = ms;
    expect(cache.get('a')).toBeInstanceOf(Promise);
  });

  test('of zero caches nothing', async () => {
    const cache = kept({ ttlMs: 0 });
    await cache.get('a');
    await cache.get('a');
    expect(asked).toEqual(['a', 'a']);
  });
});

test.each(['Forbidden', 'Timeout', 'Unreachable', 'Server', 'Malformed'] as const)(
  '%s is reported as a failure with its code',
  async (code) => {
    answers = [() => Promise.reject(failure(code))];
    expect(await kept().get('a')).toEqual({ kind: 'failed', code });
  },
);

test('a programming error is not cached', async () => {
  answers = [() => Promise.reject(new TypeError('undefined is not a function'))];
  await expect(kept().get('a')).rejects.toThrow('undefined is not a function');
});

describe('the refresh ahead of the end of the TTL', () => {
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 10; n++) await Promise.resolve();
  };

  test('fetches in the background while the previous value is used', async () => {
    answers = [() => Promise.resolve('one'), () => Promise.resolve('two')];
    const cache = kept();
    await cache.get('a');
    now = ttlMs * 0.9;
    expect(cache.get('a')).toEqual({ kind: 'found', value: 'one' });
    await settle();
    expect(cache.get('a')).toEqual({ kind: 'found', value: 'two' });
    expect(asked).toHaveLength(2);
  });

  test('keeps the previous value if it fails', async () => {
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

  test('removes an object that was deleted', async () => {
    answers = [() => Promise.resolve('one'), () => Promise.reject(failure('NotFound'))];
    const cache = kept();
    await cache.get('a');
    now = ttlMs * 0.9;
    void cache.get('a');
    await settle();
    expect(cache.get('a')).toEqual({ kind: 'absent' });
  });
});

test('an unchanged value remains the same object', async () => {
  const fetch = () => Promise.resolve({ value: 1 });
  const cache = new LookupCache({ fetch, ttlMs, clock: () => now, isEqual: (a, b) => a.value === b.value });
  const before = await cache.get('a');
  now = ttlMs;
  expect(await cache.get('a')).toBe(before);
});

test('requests in flight are bounded, and further lookups fail', async () => {
  const cache = kept({ fetch: () => new Promise<never>(() => {}) });
  const outcomes: (LookupResult<string> | Promise<LookupResult<string>>)[] = [];
  for (let n = 0; n <= 1_000; n++) outcomes.push(cache.get(`key-${n}`));
  expect(await outcomes.at(-1)).toEqual({ kind: 'failed', code: 'TooManyRequests' });
});

test('the cached values are bounded by their size', async () => {
  const cache = kept({ size: () => 20 * 2 ** 20 });
  await cache.get('a');
  await cache.get('b');
  await cache.get('a');
  expect(asked).toEqual(['a', 'b', 'a']);
});
