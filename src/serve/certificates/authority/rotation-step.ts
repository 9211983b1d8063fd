/**
 * Steps of the shared CA's rotation: the step that is due, and the record after it. `rotation.ts` performs
 * them.
 */
import { X509Certificate } from 'node:crypto';
import type { AuthorityRecord } from './authority-record.ts';
import { certificatesIn } from '../chain.ts';
import { type Authority, leafLifeMs } from './issue.ts';

/**
 * Lifetime of a shared CA: one year, which is long compared to a server certificate and short enough to
 * exercise the rotation.
 */
export const sharedAuthorityLifeMs = 365 * 86_400_000;

/**
 * `prepare`: the next CA enters the bundle. `promote`: the next CA signs. `forget`: expired CAs leave the
 * bundle. Connections never fail in between, because clients trust the old and the new CA.
 */
export type RotationStep = 'none' | 'prepare' | 'promote' | 'forget';

export interface RotationState {
  /** Current time in milliseconds since the epoch. */
  readonly now: number;
  /** Time for which all clients have trusted every CA of the record; null if they do not. */
  readonly trustedForMs: number | null;
  /** Time in which a new bundle reaches every API server. */
  readonly settleMs: number;
}

export function nextStep(
  record: AuthorityRecord,
  { now, trustedForMs, settleMs }: RotationState,
): RotationStep {
  if (withoutExpired(record, now).trusted.length < record.trusted.length) return 'forget';
  const leftMs = record.active.notAfter.getTime() - now;
  if (record.next === null) return leftMs <= lifetimeMs(record.active) / 3 ? 'prepare' : 'none';
  if (trustedForMs !== null && trustedForMs >= settleMs) return 'promote';
  // If it is unknown whether clients trust the next CA, they had all this time to learn of it, and the old
  // one is about to expire anyway.
  return leftMs <= lifetimeMs(record.active) / 12 ? 'promote' : 'none';
}

export function prepared(record: AuthorityRecord, next: Authority): AuthorityRecord {
  return { ...record, next, trusted: [...record.trusted, ...certificatesIn(next.cert)] };
}

export function promoted(record: AuthorityRecord): AuthorityRecord {
  return record.next ? { ...record, active: record.next, next: null } : record;
}

/** Returns the record without expired CAs; those that sign stay. */
export function withoutExpired(record: AuthorityRecord, now: number): AuthorityRecord {
  const signing = [record.active, record.next].flatMap((one) => (one ? certificatesIn(one.cert) : []));
  const trusted = record.trusted.filter(
    (pem) => signing.includes(pem) || Date.parse(new X509Certificate(pem).validTo) > now,
  );
  return { ...record, trusted };
}

/** Returns true if a server certificate that expires at `notAfter` should be replaced by one issued now. */
export function isRenewalDue(notAfter: Date, active: Authority, now: number): boolean {
  if (notAfter.getTime() - now > leafLifeMs / 3) return false;
  // If the CA expires soon, a new certificate would not last longer than the old one.
  return Math.min(now + leafLifeMs, active.notAfter.getTime()) - notAfter.getTime() > 60_000;
}

function lifetimeMs({ cert }: Authority): number {
  const { validFrom, validTo } = new X509Certificate(cert);
  return Date.parse(validTo) - Date.parse(validFrom);
}
