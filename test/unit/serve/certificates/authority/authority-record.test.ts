import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AuthorityRecord,
  bundleOf,
  formatRecord,
  parseRecord,
  type RecordTexts,
  authorityRecord,
} from '../../../../../src/serve/certificates/authority/authority-record.ts';
import {
  type Authority,
  issueAuthority,
  issueLeaf,
} from '../../../../../src/serve/certificates/authority/issue.ts';
import { prepared } from '../../../../../src/serve/certificates/authority/rotation-step.ts';

const now = Math.floor(Date.now() / 1000) * 1000;
let one: Authority;
let other: Authority;
let both: AuthorityRecord;

beforeAll(async () => {
  one = await issueAuthority(now);
  other = await issueAuthority(now);
  both = prepared(authorityRecord(one), other);
});

describe('the record of a shared authority', () => {
  test('parses to what was formatted, with and without a next CA', () => {
    expect(parseRecord(formatRecord(authorityRecord(one)))).toEqual(authorityRecord(one));
    expect(parseRecord(formatRecord(both))).toEqual(both);
  });

  test('has the keys of a TLS Secret', () => {
    expect(Object.keys(formatRecord(both)).sort()).toEqual([
      'ca.crt',
      'next.crt',
      'next.key',
      'tls.crt',
      'tls.key',
    ]);
    expect(bundleOf(both)).toBe(one.cert.trimEnd() + '\n' + other.cert.trimEnd() + '\n');
  });

  test.each<[string, (texts: RecordTexts) => RecordTexts | Promise<RecordTexts>, string]>([
    ['no keys', () => ({}), 'Malformed'],
    ['a truncated certificate', (texts) => ({ ...texts, 'tls.crt': one.cert.slice(0, 200) }), 'Malformed'],
    ['no key', (texts) => ({ ...texts, 'tls.key': '' }), 'Malformed'],
    ["another CA's key", (texts) => ({ ...texts, 'tls.key': other.key }), 'Mismatch'],
    ['a bundle without the signing CA', (texts) => ({ ...texts, 'ca.crt': other.cert }), 'Mismatch'],
    ['an empty bundle', (texts) => ({ ...texts, 'ca.crt': '' }), 'Malformed'],
    ['a next CA without its key', (texts) => ({ ...texts, 'next.key': '' }), 'Malformed'],
    ['a next CA that is not in the bundle', (texts) => ({ ...texts, 'ca.crt': one.cert }), 'Mismatch'],
    [
      'a certificate that is not a CA',
      async (texts) => {
        const { cert, key } = await issueLeaf(one, ['x.test'], now);
        return { ...texts, 'tls.crt': cert, 'tls.key': key };
      },
      'Malformed',
    ],
    [
      'a key in SEC 1 form',
      (texts) => ({
        ...texts,
        'tls.key': String(createPrivateKey(one.key).export({ type: 'sec1', format: 'pem' })),
      }),
      'Malformed',
    ],
  ])('is rejected with %s, without a key in the message', async (_, spoil, code) => {
    const texts = await spoil(formatRecord(both));
    expect(() => parseRecord(texts)).toThrow(
      expect.objectContaining({ code, message: expect.not.stringContaining('PRIVATE') }),
    );
  });
});
