import { expect, test } from '@jest/globals';
import { Readiness } from '../../../../src/serve/http/readiness.ts';
import { watchReadiness } from '../../../../src/serve/http/readiness-watch.ts';

test('reports every change of a check with its reason, and checks that fail at the start', async () => {
  const stop = new AbortController();
  const readiness = new Readiness();
  const problems: (string | null)[] = [
    'not synced: pods',
    'not synced: pods',
    'not synced: nodes',
    null,
    null,
  ];
  const reported: unknown[] = [];
  readiness.set('started', () => null);
  readiness.set('cluster', () => {
    const problem = problems.shift() ?? null;
    if (problems.length === 0) stop.abort();
    return problem;
  });
  const observer = { checkChanged: (...change: unknown[]) => void reported.push(change) };
  await watchReadiness(readiness, observer, stop.signal, 1);
  expect(reported).toEqual([
    ['cluster', 'not synced: pods'],
    ['cluster', 'not synced: nodes'],
    ['cluster', null],
  ]);
});
