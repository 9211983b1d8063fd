import { expect, test } from '@jest/globals';
import { Repeats } from '../../../../src/observe/logs/repeats.ts';

const refusal = new Error('connection refused');

test('logs the same failure once a minute and another failure at once', () => {
  let now = 0;
  const repeats = new Repeats(() => now);
  const isFirst = (error: Error = refusal) => repeats.isFirst('pods', error);
  expect([isFirst(), isFirst()]).toEqual([true, false]);
  expect([isFirst(new Error('forbidden')), isFirst(), isFirst()]).toEqual([true, true, false]);
  now = 59_999;
  expect(isFirst()).toBe(false);
  now = 60_000;
  expect([isFirst(), isFirst()]).toEqual([true, false]);
});

test('logs the same failure of another source', () => {
  const repeats = new Repeats(() => 0);
  expect([repeats.isFirst('pods', refusal), repeats.isFirst('nodes', refusal)]).toEqual([true, true]);
});

test('logs a failure again after a reset', () => {
  const repeats = new Repeats(() => 0);
  repeats.isFirst('pods', refusal);
  repeats.reset('pods');
  expect(repeats.isFirst('pods', refusal)).toBe(true);
});
