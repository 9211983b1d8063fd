import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { issueAuthority, issueLeaf } from '../../../../../src/serve/certificates/authority/issue.ts';
import { parseKeyPair } from '../../../../../src/serve/certificates/parse-key-pair.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** X.509 has whole seconds. */
const now = Math.floor(Date.now() / 1000) * 1000;
const names = ['pratique.pratique-system.svc', 'localhost', '127.0.0.1', '::1'];

describe('issue', () => {
  test('issues a server certificate for every name, signed by the CA and valid from one hour before', async () => {
    const authority = await issueAuthority(now);
    const { cert, key, ca, notAfter } = await issueLeaf(authority, names, now);
    const [root, leaf] = [new X509Certificate(authority.cert), new X509Certificate(cert)];
    expect(root.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkHost('pratique.pratique-system.svc')).toBeDefined();
    expect(leaf.checkHost('other.svc')).toBeUndefined();
    expect(leaf.checkIP('127.0.0.1')).toBeDefined();
    expect(leaf.checkIP('::1')).toBeDefined();
    expect(Date.parse(root.validFrom)).toBe(now - hour);
    expect(Date.parse(leaf.validFrom)).toBe(now - hour);
    expect(Date.parse(leaf.validTo)).toBe(now + 90 * day);
    expect(notAfter.getTime()).toBe(now + 90 * day);
    expect(ca).toBe(authority.cert);
    expect(parseKeyPair(cert, key, now)).toMatchObject({ notAfter });
  });

  test('a server certificate does not outlive its CA', async () => {
    const authority = await issueAuthority(now - 3_640 * day);
    const { notAfter } = await issueLeaf(authority, names, now);
    expect(notAfter).toEqual(authority.notAfter);
  });

  test('accepts a name longer than a common name may be', async () => {
    const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.svc`;
    const { cert } = await issueLeaf(await issueAuthority(now), [long], now);
    expect(new X509Certificate(cert).checkHost(long)).toBeDefined();
  });
});
