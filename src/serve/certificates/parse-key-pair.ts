/** Parses and checks a certificate with its key, as PEM texts; reading files is `files.ts`. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type Certificate, CertificateError } from './source.ts';

/**
 * A pair that can be served at `now` (milliseconds since the epoch).
 * @throws {CertificateError} `Malformed`, `Mismatch`, `Expired`
 */
export function parseKeyPair(cert: string, key: string, now: number): Certificate {
  const leaf = attempt('the certificate is no PEM certificate', () => new X509Certificate(cert));
  const privateKey = attempt('the key is no PEM private key', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError('Mismatch', 'the certificate and the key do not belong together');
  }
  // The chain behind the leaf, and what this OpenSSL finds too weak.
  attempt('the certificate cannot be served', () => createSecureContext({ cert, key }));
  const notAfter = new Date(leaf.validTo);
  if (notAfter.getTime() <= now) {
    throw new CertificateError('Expired', `the certificate ended on ${notAfter.toISOString()}`);
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
