import { beforeAll, describe, expect, test } from '@jest/globals';
import { certificatesIn, whyUntrusted } from '../../../../src/serve/certificates/chain.ts';
import {
  type Authority,
  issueAuthority,
  issueLeaf,
} from '../../../../src/serve/certificates/authority/issue.ts';
import type { Certificate } from '../../../../src/serve/certificates/source.ts';

const day = 86_400_000;
const now = Date.now();
const host = 'pratique.pratique-system.svc';
let mine: Authority;
let other: Authority;
let leaf: Certificate;

beforeAll(async () => {
  mine = await issueAuthority(now);
  other = await issueAuthority(now);
  leaf = await issueLeaf(mine, [host], now);
});

describe('whyUntrusted', () => {
  const ask = (bundle: string, name = host, at = now) => whyUntrusted(leaf.cert, bundle, name, at);

  test('trusts a certificate if the bundle contains its CA, alone or among others of the same name', () => {
    expect(ask(mine.cert)).toBeNull();
    expect(ask(other.cert + mine.cert)).toBeNull();
  });

  test.each(['10.0.0.5', 'fd00::5'])('verifies the IP address %s', async (address) => {
    const { cert } = await issueLeaf(mine, [host, address], now);
    expect(whyUntrusted(cert, mine.cert, address, now)).toBeNull();
    expect(ask(mine.cert, address)).toContain(`not valid for the name ${address}`);
  });

  test('trusts a certificate that is itself in the bundle', () => {
    expect(ask(leaf.cert)).toBeNull();
  });

  test.each([
    ['a bundle with another CA', () => ask(other.cert), 'not issued by a CA in the caBundle'],
    ['a certificate for another name', () => ask(mine.cert, 'other.svc'), 'not valid for the name other.svc'],
    ['an expired certificate', () => ask(mine.cert, host, now + 91 * day), 'has expired'],
    ['an empty bundle', () => ask(''), 'the caBundle contains no PEM certificate'],
    [
      'a bundle that cannot be parsed',
      () => ask('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
      'the caBundle contains a certificate that cannot be parsed',
    ],
  ])('says why %s is not trusted', (_, answer, words) => {
    expect(answer()).toContain(words);
  });
});

describe('certificatesIn', () => {
  test('returns the certificates in order and ignores text between them', () => {
    const text = `# mine\r\n${mine.cert}\n\nand\n${other.cert}`;
    expect(certificatesIn(text)).toEqual([`${mine.cert.trimEnd()}\n`, `${other.cert.trimEnd()}\n`]);
  });

  test('rejects more than 1,000 certificates', () => {
    expect(() => certificatesIn(`${mine.cert}\n`.repeat(1_001))).toThrow('more than 1000');
  });
});
