/**
 * Record of the shared CA: the signing CA, the next one, and those that clients must trust.
 * `rotation-step.ts` changes it.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { certificatesIn } from '../chain.ts';
import type { Authority } from './issue.ts';
import { CertificateError } from '../source.ts';

export interface AuthorityRecord {
  /** CA that signs the server certificates. */
  readonly active: Authority;
  /** CA that is in the caBundle already but does not sign yet; null if there is none. */
  readonly next: Authority | null;
  /** PEM blocks of every CA that clients must trust: these two, and earlier ones that have not expired. */
  readonly trusted: readonly string[];
}

export type RecordTexts = Readonly<Record<string, string>>;

/** Keys of the Secret, which are those of a TLS Secret and of cert-manager where these exist. */
const keys = { cert: 'tls.crt', key: 'tls.key', trusted: 'ca.crt', next: 'next.crt', nextKey: 'next.key' };

export function authorityRecord(active: Authority, trusted: readonly string[] = []): AuthorityRecord {
  const own = certificatesIn(active.cert);
  return { active, next: null, trusted: [...own, ...trusted.filter((pem) => !own.includes(pem))] };
}

export function formatRecord({ active, next, trusted }: AuthorityRecord): RecordTexts {
  return {
    [keys.cert]: active.cert,
    [keys.key]: active.key,
    [keys.trusted]: bundleOf({ trusted }),
    ...(next && { [keys.next]: next.cert, [keys.nextKey]: next.key }),
  };
}

/** Returns the content of a `caBundle` as PEM. */
export function bundleOf({ trusted }: Pick<AuthorityRecord, 'trusted'>): string {
  return trusted.join('');
}

/**
 * Parses the texts of the Secret.
 * @throws {CertificateError} `Malformed`, `Mismatch`
 */
export function parseRecord(texts: RecordTexts): AuthorityRecord {
  const text = (name: string) => (Object.hasOwn(texts, name) ? (texts[name] ?? '') : '');
  const active = parseAuthority(text(keys.cert), text(keys.key), keys.cert);
  const hasNext = text(keys.next) !== '' || text(keys.nextKey) !== '';
  const next = hasNext ? parseAuthority(text(keys.next), text(keys.nextKey), keys.next) : null;
  const trusted = attempt(keys.trusted, () => certificatesIn(text(keys.trusted)));
  for (const { cert } of next ? [active, next] : [active]) {
    if (certificatesIn(cert).every((pem) => trusted.includes(pem))) continue;
    throw new CertificateError('Mismatch', `${keys.trusted} lacks a signing CA`);
  }
  return { active, next, trusted };
}

function parseAuthority(cert: string, key: string, name: string): Authority {
  const certificate = attempt(name, () => new X509Certificate(cert));
  const privateKey = attempt(`the key of ${name}`, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError('Mismatch', `the key does not belong to ${name}`);
  }
  if (!certificate.ca) throw new CertificateError('Malformed', `${name} is not a CA certificate`);
  // A CA that a user stored may have another kind of key.
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1' || !/^-+BEGIN PRIVATE KEY-/m.test(key)) {
    throw new CertificateError('Malformed', `the key of ${name} must be ECDSA P-256 in PKCS #8`);
  }
  return { cert, key, notAfter: new Date(certificate.validTo) };
}

function attempt<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CertificateError('Malformed', `${what} is missing or cannot be parsed`, error);
  }
}
