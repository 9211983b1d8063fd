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

  test('its authority alone, or among others of the same name', () => {
    expect(ask(mine.cert)).toBeNull();
    expect(ask(other.cert + mine.cert)).toBeNull();
  });

  test.each(['10.0.0.5', 'fd00::5'])('an address, as a URL has it: %s', async (address) => {
    const { cert } = await issueLeaf(mine, [host, address], now);
    expect(whyUntrusted(cert, mine.cert, address, now)).toBeNull();
    expect(ask(mine.cert, address)).toContain(`not for the name ${address}`);
  });

  test('the leaf itself in the bundle, as a self-signed certificate is registered', () => {
    expect(ask(leaf.cert)).toBeNull();
  });

  test.each([
    ['another authority', () => ask(other.cert), 'not issued by an authority'],
    ['another name', () => ask(mine.cert, 'other.svc'), 'not for the name other.svc'],
    ['after its end', () => ask(mine.cert, host, now + 91 * day), 'has ended'],
    ['an empty bundle', () => ask(''), 'no PEM certificate'],
    ['rubbish', () => ask('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'), 'cannot be read'],
  ])('%s', (_, answer, words) => {
    expect(answer()).toContain(words);
  });
});

describe('certificatesIn', () => {
  test('gives each in its order, whatever stands between them', () => {
    const text = `# mine\r\n${mine.cert}\n\nand\n${other.cert}`;
    expect(certificatesIn(text)).toEqual([`${mine.cert.trimEnd()}\n`, `${other.cert.trimEnd()}\n`]);
  });

  test('takes no more than a bound', () => {
    expect(() => certificatesIn(`${mine.cert}\n`.repeat(1_001))).toThrow('more than 1000');
  });
});
