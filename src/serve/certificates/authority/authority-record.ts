/** What the replicas share of their authority: who signs now, who will, and whom clients have to trust. When it changes, `rotation-step.ts` knows. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { certificatesIn } from '../chain.ts';
import type { Authority } from './issue.ts';
import { CertificateError } from '../source.ts';

export interface AuthorityRecord {
  /** Signs the server certificates. */
  readonly active: Authority;
  /** Made known to clients, and signs nothing yet. */
  readonly next: Authority | null;
  /** PEM blocks of all that clients have to trust: these two, and those before that have not ended. */
  readonly trusted: readonly string[];
}

export type RecordTexts = Readonly<Record<string, string>>;

/** The names of cert-manager and of TLS Secrets where these have one. */
const names = { cert: 'tls.crt', key: 'tls.key', trusted: 'ca.crt', next: 'next.crt', nextKey: 'next.key' };

export function authorityRecord(active: Authority, trusted: readonly string[] = []): AuthorityRecord {
  const own = certificatesIn(active.cert);
  return { active, next: null, trusted: [...own, ...trusted.filter((pem) => !own.includes(pem))] };
}

export function formatRecord({ active, next, trusted }: AuthorityRecord): RecordTexts {
  return {
    [names.cert]: active.cert,
    [names.key]: active.key,
    [names.trusted]: bundleOf({ trusted }),
    ...(next && { [names.next]: next.cert, [names.nextKey]: next.key }),
  };
}

/** What a `caBundle` holds, as PEM text. */
export function bundleOf({ trusted }: Pick<AuthorityRecord, 'trusted'>): string {
  return trusted.join('');
}

/** @throws {CertificateError} `Malformed`, `Mismatch` */
export function parseRecord(texts: RecordTexts): AuthorityRecord {
  const text = (name: string) => (Object.hasOwn(texts, name) ? (texts[name] ?? '') : '');
  const active = authorityIn(text(names.cert), text(names.key), names.cert);
  const hasNext = text(names.next) !== '' || text(names.nextKey) !== '';
  const next = hasNext ? authorityIn(text(names.next), text(names.nextKey), names.next) : null;
  const trusted = attempt(names.trusted, () => certificatesIn(text(names.trusted)));
  for (const { cert } of next ? [active, next] : [active]) {
    if (certificatesIn(cert).every((pem) => trusted.includes(pem))) continue;
    throw new CertificateError('Mismatch', `${names.trusted} lacks an authority that signs`);
  }
  return { active, next, trusted };
}

function authorityIn(cert: string, key: string, name: string): Authority {
  const certificate = attempt(name, () => new X509Certificate(cert));
  const privateKey = attempt(`the key of ${name}`, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError('Mismatch', `${name} and its key do not belong together`);
  }
  if (!certificate.ca)
    throw new CertificateError('Malformed', `${name} is not the certificate of an authority`);
  // Somebody's own authority may have any other.
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1' || !/^-+BEGIN PRIVATE KEY-/m.test(key)) {
    throw new CertificateError(
      'Malformed',
      `the key of ${name} is not of the kind that Pratique signs with, ECDSA P-256 in PKCS #8`,
    );
  }
  return { cert, key, notAfter: new Date(certificate.validTo) };
}

function attempt<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CertificateError('Malformed', `${what} is missing or cannot be read`, error);
  }
}
