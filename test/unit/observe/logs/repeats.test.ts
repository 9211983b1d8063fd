import { expect, test } from '@jest/globals';
import { Repeats } from '../../../../src/observe/logs/repeats.ts';

const refused = new Error('connection refused');

test('the same failure is news once a minute, another one at once', () => {
  let now = 0;
  const repeats = new Repeats(() => now);
  const isNews = (error: Error = refused) => repeats.isNews('pods', error);
  expect([isNews(), isNews()]).toEqual([true, false]);
  expect([isNews(new Error('forbidden')), isNews(), isNews()]).toEqual([true, true, false]);
  now = 59_999;
  expect(isNews()).toBe(false);
  now = 60_000;
  expect([isNews(), isNews()]).toEqual([true, false]);
});

test('of others nothing is known', () => {
  const repeats = new Repeats(() => 0);
  expect([repeats.isNews('pods', refused), repeats.isNews('nodes', refused)]).toEqual([true, true]);
});

test('what works again and fails again is news', () => {
  const repeats = new Repeats(() => 0);
  repeats.isNews('pods', refused);
  repeats.forget('pods');
  expect(repeats.isNews('pods', refused)).toBe(true);
});
