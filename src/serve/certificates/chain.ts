/** Whether a served certificate would be trusted by somebody who has a bundle of authorities. Makes and keeps none. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { CertificateError } from './source.ts';

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** A bundle has a few, that of a whole system some hundred. */
const maxCertificates = 1_000;
const maxDepth = 8;

/**
 * The certificates in a text, in their order, each as one PEM block with its line end.
 * @throws {CertificateError} `Malformed`
 */
export function certificatesIn(text: string): readonly string[] {
  const found = text.match(block) ?? [];
  if (found.length === 0) throw new CertificateError('Malformed', 'no PEM certificate');
  if (found.length > maxCertificates) {
    throw new CertificateError('Malformed', `more than ${maxCertificates} certificates`);
  }
  return found.map((pem) => {
    try {
      return new X509Certificate(pem).toString();
    } catch (error) {
      throw new CertificateError('Malformed', 'a certificate that cannot be read', error);
    }
  });
}

/**
 * null when a client that trusts `bundle` accepts `chain` (leaf first) for `host` at `now`; else why not, for a person.
 * Its rules are those of Go's verifier as far as they can differ here: every link signed and within its time.
 */
export function whyUntrusted(chain: string, bundle: string, host: string, now: number): string | null {
  try {
    const [leaf, ...between] = certificatesIn(chain).map((pem) => new X509Certificate(pem));
    const roots = certificatesIn(bundle).map((pem) => new X509Certificate(pem));
    if (!leaf) return 'there is no certificate';
    const named = isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host, { subject: 'never' });
    if (named === undefined) return `it is not for the name ${host}`;
    return leads(leaf, between, roots, now, maxDepth)
      ? null
      : 'it was not issued by an authority in the caBundle, or one of the two has ended';
  } catch (error) {
    if (error instanceof CertificateError) return error.message;
    throw error;
  }
}

function leads(
  from: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
  depth: number,
): boolean {
  if (depth === 0 || !isValid(from, now)) return false;
  const issued = (by: X509Certificate) => from.checkIssued(by) && from.verify(by.publicKey);
  if (roots.some((root) => root.raw.equals(from.raw) || (isValid(root, now) && issued(root)))) return true;
  return between.some(
    (issuer) =>
      issuer !== from && issuer.ca && issued(issuer) && leads(issuer, between, roots, now, depth - 1),
  );
}

function isValid({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}
