/** Issuer of a CA and of server certificates signed by it. */
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type * as X509 from '@peculiar/x509';
import type { Certificate } from '../source.ts';

/** CA as PEM. */
export interface Authority {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: Date;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hour = 3_600_000;
const day = 24 * hour;
/** Lifetime of a CA without a cluster: ten years, because the operator registers it by hand. */
const authorityLifeMs = 3_650 * day;
export const leafLifeMs = 90 * day;

/**
 * Issues a CA that is valid from one hour before `now` (milliseconds since the epoch), because the clocks of
 * a cluster differ.
 */
export async function issueAuthority(now: number, lifeMs = authorityLifeMs): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const notAfter = wholeSecond(now + lifeMs);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Pratique CA',
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(now - hour),
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey), notAfter };
}

/**
 * Issues a server certificate signed by `authority`.
 * @param names DNS names and IP addresses, at least one
 */
export async function issueLeaf(
  authority: Authority,
  names: readonly string[],
  now: number,
): Promise<Certificate> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await generateKeys();
  const notAfter = wholeSecond(Math.min(now + leafLifeMs, authority.notAfter.getTime()));
  const certificate = await x509.X509CertificateGenerator.create(
    {
      // The names are subject alternative names, because a common name has at most 64 characters.
      subject: 'CN=pratique',
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.key),
      signingAlgorithm: algorithm,
      notBefore: new Date(now - hour),
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return {
    cert: certificate.toString('pem'),
    key: await exportKey(keys.privateKey),
    ca: authority.cert,
    notAfter,
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await loadX509();
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const { PemConverter } = await loadX509();
  return webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), algorithm, false, ['sign']);
}

/** Returns the time without fractions of a second, which certificates cannot have. */
function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

/**
 * Loads the library on first use, because loading takes 0.3 s. Its dependency-injection container needs
 * reflect-metadata first.
 */
export async function loadX509(): Promise<typeof X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
