/** Verification of a served certificate chain against a CA bundle, by the rules of Go's verifier. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { CertificateError } from './source.ts';

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** Limit of certificates: a caBundle has a few, and a system's bundle a few hundred. */
const maxCertificates = 1_000;
const maxDepth = 8;

/**
 * Returns the certificates in `text` in their order, each as one PEM block with a trailing newline.
 * @throws {CertificateError} `Malformed`
 */
export function certificatesIn(text: string): readonly string[] {
  const found = text.match(block) ?? [];
  if (found.length === 0) throw new CertificateError('Malformed', 'contains no PEM certificate');
  if (found.length > maxCertificates) {
    throw new CertificateError('Malformed', `contains more than ${maxCertificates} certificates`);
  }
  return found.map((pem) => {
    try {
      return new X509Certificate(pem).toString();
    } catch (error) {
      throw new CertificateError('Malformed', 'contains a certificate that cannot be parsed', error);
    }
  });
}

/**
 * Returns null if a client that trusts `bundle` accepts `chain` (leaf first) for `host` at `now`, and
 * otherwise the reason as a sentence. Like Go's verifier, it requires every link to be signed and within its
 * validity.
 */
export function whyUntrusted(chain: string, bundle: string, host: string, now: number): string | null {
  try {
    const [leaf, ...intermediates] = certificatesIn(chain).map((pem) => new X509Certificate(pem));
    const roots = certificatesIn(bundle).map((pem) => new X509Certificate(pem));
    if (!leaf) return 'no certificate is served';
    const matchingName = isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host, { subject: 'never' });
    if (matchingName === undefined) return `it is not valid for the name ${host}`;
    return hasTrustedPath(leaf, intermediates, roots, now, maxDepth)
      ? null
      : 'it was not issued by a CA in the caBundle, or the certificate or CA has expired';
  } catch (error) {
    if (error instanceof CertificateError) return `the caBundle ${error.message}`;
    throw error;
  }
}

function hasTrustedPath(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
  depth: number,
): boolean {
  if (depth === 0 || !isValid(certificate, now)) return false;
  const isIssuedBy = (issuer: X509Certificate) =>
    certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  const isTrusted = (root: X509Certificate) =>
    root.raw.equals(certificate.raw) || (isValid(root, now) && isIssuedBy(root));
  if (roots.some(isTrusted)) return true;
  return intermediates.some(
    (issuer) =>
      issuer !== certificate &&
      issuer.ca &&
      isIssuedBy(issuer) &&
      hasTrustedPath(issuer, intermediates, roots, now, depth - 1),
  );
}

function isValid({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}
