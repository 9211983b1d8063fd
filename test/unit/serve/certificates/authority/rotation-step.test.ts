import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AuthorityRecord,
  authorityRecord,
} from '../../../../../src/serve/certificates/authority/authority-record.ts';
import { whyUntrusted } from '../../../../../src/serve/certificates/chain.ts';
import {
  type Authority,
  issueAuthority,
  issueLeaf,
} from '../../../../../src/serve/certificates/authority/issue.ts';
import {
  isRenewalDue,
  prepared,
  promoted,
  type RotationState,
  sharedAuthorityLifeMs,
  nextStep,
  withoutExpired,
} from '../../../../../src/serve/certificates/authority/rotation-step.ts';

const day = 86_400_000;
const start = Math.floor(Date.now() / 1000) * 1000;
const at = (days: number, trustedForMs: number | null = null): RotationState => ({
  now: start + days * day,
  trustedForMs,
  settleMs: 60_000,
});
let first: Authority;
let second: Authority;
let young: AuthorityRecord;
let both: AuthorityRecord;

beforeAll(async () => {
  first = await issueAuthority(start, sharedAuthorityLifeMs);
  second = await issueAuthority(start + 245 * day, sharedAuthorityLifeMs);
  young = authorityRecord(first);
  both = prepared(young, second);
});

describe('nextStep', () => {
  test.each<[string, () => AuthorityRecord, RotationState, string]>([
    ['a new CA', () => young, at(1), 'none'],
    ['a CA shortly before its last third', () => young, at(240), 'none'],
    ['a CA in its last third', () => young, at(245), 'prepare'],
    ['a next CA that clients do not trust', () => both, at(245), 'none'],
    ['a next CA that clients have just begun to trust', () => both, at(245, 0), 'none'],
    ['a next CA shortly before the settle time', () => both, at(245, 59_999), 'none'],
    ['a next CA after the settle time', () => both, at(245, 60_000), 'promote'],
    ['unknown trust with time left', () => both, at(330), 'none'],
    ['unknown trust near expiry', () => both, at(340), 'promote'],
    ['a promoted CA before the old one expires', () => promoted(both), at(300), 'none'],
    ['a promoted CA after the old one expired', () => promoted(both), at(366), 'forget'],
    [
      'a record after the old one was forgotten',
      () => withoutExpired(promoted(both), start + 366 * day),
      at(366),
      'none',
    ],
  ])('for %s is the expected step', (_, record, state, step) => {
    expect(nextStep(record(), state)).toBe(step);
  });

  test('a certificate issued at any step is trusted by clients with the bundle of the step before', async () => {
    const host = 'pratique.test';
    const steps = [young, both, promoted(both)];
    for (const [index, record] of steps.entries()) {
      const before = steps[Math.max(index - 1, 0)] ?? record;
      const leaf = await issueLeaf(record.active, [host], at(245).now);
      for (const { trusted } of [before, record]) {
        expect(whyUntrusted(leaf.cert, trusted.join(''), host, at(245).now)).toBeNull();
      }
    }
  });

  test('keeps signing CAs although they have expired', () => {
    expect(withoutExpired(both, start + 5_000 * day).trusted).toEqual(both.trusted);
  });
});

describe('isRenewalDue', () => {
  test.each([
    ['a new certificate', 90, 0, false],
    ['a certificate in its last third', 90, 61, true],
    ['a certificate before its last third', 90, 59, false],
    ['a certificate that expires with its CA', 365, 340, false],
  ])('decides for %s', (_, ends, today, due) => {
    expect(isRenewalDue(new Date(start + ends * day), first, start + today * day)).toBe(due);
  });
});
