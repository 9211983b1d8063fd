/** Parser of a certificate and its key in PEM, which also checks that they can be served. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type Certificate, CertificateError } from './source.ts';

/**
 * Returns a pair that can be served at `now` (milliseconds since the epoch).
 * @throws {CertificateError} `Malformed`, `Mismatch`, `Expired`
 */
export function parseKeyPair(cert: string, key: string, now: number): Certificate {
  const leaf = attempt('the certificate is not a PEM certificate', () => new X509Certificate(cert));
  const privateKey = attempt('the key is not a PEM private key', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError('Mismatch', 'the key does not belong to the certificate');
  }
  // This also checks the rest of the chain, and rejects keys and signatures that this version of OpenSSL
  // considers too weak.
  attempt('the certificate cannot be served', () => createSecureContext({ cert, key }));
  const notAfter = new Date(leaf.validTo);
  if (notAfter.getTime() <= now) {
    throw new CertificateError('Expired', `the certificate expired on ${notAfter.toISOString()}`);
  }
  return { cert, key, notAfter };
}

function attempt<T>(problem: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CertificateError('Malformed', problem, error);
  }
}
