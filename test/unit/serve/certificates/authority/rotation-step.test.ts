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
  isLeafDue,
  prepared,
  promoted,
  type RotationState,
  sharedAuthorityLife,
  stepOf,
  withoutEnded,
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
  first = await issueAuthority(start, sharedAuthorityLife);
  second = await issueAuthority(start + 245 * day, sharedAuthorityLife);
  young = authorityRecord(first);
  both = prepared(young, second);
});

describe('stepOf', () => {
  test.each<[string, () => AuthorityRecord, RotationState, string]>([
    ['a young one', () => young, at(1), 'none'],
    ['shortly before its last third', () => young, at(240), 'none'],
    ['in its last third', () => young, at(245), 'prepare'],
    ['the next one is not known to clients', () => both, at(245), 'none'],
    ['they have just learnt of it', () => both, at(245, 0), 'none'],
    ['shortly before every API server knows', () => both, at(245, 59_999), 'none'],
    ['every API server knows', () => both, at(245, 60_000), 'promote'],
    ['nobody can tell, and there is time', () => both, at(330), 'none'],
    ['nobody can tell, and the end is near', () => both, at(340), 'promote'],
    ['the old one may still be in use', () => promoted(both), at(300), 'none'],
    ['the old one has ended', () => promoted(both), at(366), 'forget'],
    ['afterwards', () => withoutEnded(promoted(both), start + 366 * day), at(366), 'none'],
  ])('%s', (_, record, state, step) => {
    expect(stepOf(record(), state)).toBe(step);
  });

  test('whoever serves at a step is trusted by clients that still have the step before', async () => {
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

  test('what signs is never forgotten', () => {
    expect(withoutEnded(both, start + 5_000 * day).trusted).toEqual(both.trusted);
  });
});

describe('isLeafDue', () => {
  test.each([
    ['new', 90, 0, false],
    ['two thirds of its life over', 90, 61, true],
    ['with much of it left', 90, 59, false],
    ['as old as its authority will get', 365, 340, false],
  ])('%s', (_, ends, today, due) => {
    expect(isLeafDue(new Date(start + ends * day), first, start + today * day)).toBe(due);
  });
});
