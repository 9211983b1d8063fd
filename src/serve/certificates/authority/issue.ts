/** Makes a CA and the server certificates below it. Not for keeping or renewing them. */
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate } from '../source.ts';
import { loadX509 } from '../x509.ts';

/** A CA as PEM texts. */
export interface Authority {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: Date;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hour = 3_600_000;
const day = 24 * hour;
/** Clients register the CA by hand in standalone mode: it outlives every leaf by far. */
const authorityLife = 3_650 * day;
export const leafLife = 90 * day;

/** A new CA, valid from one hour back: the clocks of a cluster differ. `now` in milliseconds since the epoch. */
export async function issueAuthority(now: number, lifeMs = authorityLife): Promise<Authority> {
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
 * A server certificate below `authority`.
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
  const notAfter = wholeSecond(Math.min(now + leafLife, authority.notAfter.getTime()));
  const certificate = await x509.X509CertificateGenerator.create(
    {
      // Names are in the alternative names, where a common name may not be longer than 64 characters.
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

/** Certificates have no fractions of a second. */
function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
