/** Which step the rotation of a shared authority has to take, and what it leads to. Doing it is `rotation.ts`. */
import { X509Certificate } from 'node:crypto';
import type { AuthorityRecord } from './authority-record.ts';
import { certificatesIn } from '../chain.ts';
import { type Authority, leafLife } from './issue.ts';

/** The life of an authority whose rotation nobody has to help: long against a leaf's, short enough to be practised. */
export const sharedAuthorityLife = 365 * 86_400_000;

/**
 * `prepare`: the next authority becomes known to clients; `promote`: it signs; `forget`: those that have ended leave the
 * bundle. No connection fails in between: whoever serves under the old one or the new one, clients know both.
 */
export type RotationStep = 'none' | 'prepare' | 'promote' | 'forget';

export interface RotationState {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For how long all clients have been seen to trust every authority of the record; null: they do not. */
  readonly trustedForMs: number | null;
  /** How long that takes to reach every API server. */
  readonly settleMs: number;
}

export function stepOf(
  record: AuthorityRecord,
  { now, trustedForMs, settleMs }: RotationState,
): RotationStep {
  if (withoutEnded(record, now).trusted.length < record.trusted.length) return 'forget';
  const left = record.active.notAfter.getTime() - now;
  if (record.next === null) return left <= lifeOf(record.active) / 3 ? 'prepare' : 'none';
  if (trustedForMs !== null && trustedForMs >= settleMs) return 'promote';
  // Where nobody can see what clients trust, they had all this time to learn of it, and the old one ends anyhow.
  return left <= lifeOf(record.active) / 12 ? 'promote' : 'none';
}

export function prepared(record: AuthorityRecord, next: Authority): AuthorityRecord {
  return { ...record, next, trusted: [...record.trusted, ...certificatesIn(next.cert)] };
}

export function promoted(record: AuthorityRecord): AuthorityRecord {
  return record.next ? { ...record, active: record.next, next: null } : record;
}

/** Without those that have ended, save the ones that sign. */
export function withoutEnded(record: AuthorityRecord, now: number): AuthorityRecord {
  const signs = [record.active, record.next].flatMap((one) => (one ? certificatesIn(one.cert) : []));
  const trusted = record.trusted.filter(
    (pem) => signs.includes(pem) || Date.parse(new X509Certificate(pem).validTo) > now,
  );
  return { ...record, trusted };
}

/** Should a leaf that ends at `notAfter` give way to one that would be issued now? */
export function isLeafDue(notAfter: Date, active: Authority, now: number): boolean {
  if (notAfter.getTime() - now > leafLife / 3) return false;
  // Below an authority that ends soon, a new one would end no later.
  return Math.min(now + leafLife, active.notAfter.getTime()) - notAfter.getTime() > 60_000;
}

function lifeOf({ cert }: Authority): number {
  const { validFrom, validTo } = new X509Certificate(cert);
  return Date.parse(validTo) - Date.parse(validFrom);
}
