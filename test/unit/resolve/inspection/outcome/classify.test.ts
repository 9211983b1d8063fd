import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { failedResult } from '../../../../../src/resolve/inspection/outcome/classify.ts';
import type { Attempt } from '../../../../../src/resolve/inspection/inspection.ts';

type Said = Pick<Attempt, 'result' | 'reason'>;

/** `not-found`, `skipped/CircuitOpen`. */
function said(words: string): Said[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [result, reason] = word.split('/');
      return { result: result as Said['result'], reason: reason ?? null };
    });
}

const certain = ['Capability', 'Blocked', 'NodeLocal'];
const passing = ['CircuitOpen', 'RateLimited', 'DeadlineExceeded', 'FileMissing', 'AmbiguousRewrite'];

describe('the result of an image that nobody served', () => {
  test.each([
    ['not-found not-found', 'not-found', null],
    ['not-found skipped/Capability', 'not-found', null],
    ['skipped/NodeLocal not-found', 'not-found', null],
    ['denied not-found', 'denied', null],
    ['not-found denied', 'denied', null],
    ['denied unavailable', 'unavailable', null],
    ['malformed not-found', 'unavailable', null],
    ['tls denied', 'unavailable', null],
    ['rate-limited not-found', 'unavailable', null],
    ['', 'not-found', 'NoEndpoint'],
    ['skipped/Capability', 'not-found', 'NoEndpoint'],
    ['skipped/Capability skipped/Blocked', 'not-found', 'Blocked'],
    ['skipped/NodeLocal', 'unavailable', 'NodeLocalOnly'],
    ['skipped/NodeLocal skipped/Blocked', 'unavailable', 'NodeLocalOnly'],
    ['unavailable/NodeCredentials', 'unavailable', 'NodeCredentials'],
    ['not-found unavailable/NodeCredentials', 'unavailable', 'NodeCredentials'],
    ['unavailable/Timeout unavailable/NodeCredentials', 'unavailable', null],
    ...passing.map((reason) => [`skipped/${reason} not-found`, 'unavailable', null] as const),
    ...certain.map((reason) => [`skipped/${reason} denied`, 'denied', null] as const),
  ])('%s: %s, %s', (words, result, reason) => {
    expect(failedResult(said(words))).toEqual({ result, reason });
  });

  test('an unknown never turns into a no, wherever it stands', () => {
    const unknown = fc.constantFrom(
      ...said(['unavailable', 'tls', 'malformed', ...passing.map((reason) => `skipped/${reason}`)].join(' ')),
    );
    const any = fc.array(fc.constantFrom(...said('not-found denied skipped/Blocked skipped/NodeLocal')));
    fc.assert(
      fc.property(any, unknown, any, (before, one, after) => {
        expect(failedResult([...before, one, ...after]).result).toBe('unavailable');
      }),
    );
  });

  test('the order of the endpoints does not matter', () => {
    const any = fc.array(
      fc.constantFrom(
        ...said('not-found denied unavailable skipped/Blocked skipped/NodeLocal skipped/CircuitOpen'),
      ),
    );
    fc.assert(
      fc.property(any, (answers) => {
        expect(failedResult(answers.toReversed())).toEqual(failedResult(answers));
      }),
    );
  });
});
