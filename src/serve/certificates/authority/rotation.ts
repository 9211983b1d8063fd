/**
 * Rotation of the shared CA, which the leader runs: it prepares the next CA, promotes it when clients trust
 * it, and removes expired ones. Replicas follow in `shared-authority-source.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuthorityRecord, bundleOf, formatRecord, parseRecord } from './authority-record.ts';
import type { AuthorityStore } from './authority-store.ts';
import { issueAuthority } from './issue.ts';
import {
  prepared,
  promoted,
  type RotationStep,
  sharedAuthorityLifeMs,
  nextStep,
  withoutExpired,
} from './rotation-step.ts';
import { CertificateError } from '../source.ts';

export interface RotationOptions {
  readonly store: AuthorityStore;
  /**
   * Returns true if all clients trust every CA in `bundle` (PEM), and false if they do not or if that is
   * unknown.
   */
  readonly isTrusted: (bundle: string, signal: AbortSignal) => Promise<boolean>;
  readonly observer: RotationObserver;
  readonly now?: () => number;
  readonly checkEveryMs?: number;
  /** Time from the first observation of a bundle in the cluster to its use by every API server. */
  readonly settleMs?: number;
  readonly authorityLifeMs?: number;
}

export interface RotationObserver {
  /** Called when a step is stored. `notAfter` is the expiry of the CA that signs now or next. */
  authorityRotated(step: Exclude<RotationStep, 'none'>, notAfter: Date): void;
  /** Called when a step has failed; it is retried. */
  rotationFailed(error: CertificateError): void;
}

/** Time since which clients have trusted a bundle. */
interface BundleTrust {
  readonly bundle: string;
  readonly since: number;
}

/** Runs until `signal` aborts, when this replica loses leadership. Never rejects. */
export async function rotateAuthority(options: RotationOptions, signal: AbortSignal): Promise<void> {
  let trust: BundleTrust | null = null;
  let reported: string | null = null;
  while (!signal.aborted) {
    try {
      trust = await rotateOnce(options, trust, signal);
      reported = null;
    } catch (error) {
      if (signal.aborted) return;
      const failure = toCertificateError(error);
      if (failure.message !== reported) options.observer.rotationFailed(failure);
      reported = failure.message;
    }
    await sleep(options.checkEveryMs ?? 60_000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function rotateOnce(
  options: RotationOptions,
  previous: BundleTrust | null,
  signal: AbortSignal,
): Promise<BundleTrust | null> {
  const { store, isTrusted, settleMs = 60_000, now = Date.now } = options;
  const stored = await store.read(signal);
  // The record was deleted; the replicas store it again.
  if (!stored) return null;
  const record = parseRecord(stored.data);
  const trust =
    record.next === null ? null : await observeTrust(bundleOf(record), isTrusted, previous, now, signal);
  const trustedForMs = trust === null ? null : now() - trust.since;
  const step = nextStep(record, { now: now(), trustedForMs, settleMs });
  if (step === 'none') return trust;
  const next = await applyStep(step, record, now(), options);
  // After a conflict with another writer the next run reads the record again.
  if (!(await store.replace(stored.version, formatRecord(next), signal))) return trust;
  options.observer.authorityRotated(step, (next.next ?? next.active).notAfter);
  return null;
}

async function observeTrust(
  bundle: string,
  isTrusted: RotationOptions['isTrusted'],
  previous: BundleTrust | null,
  now: () => number,
  signal: AbortSignal,
): Promise<BundleTrust | null> {
  if (!(await isTrusted(bundle, signal))) return null;
  return previous?.bundle === bundle ? previous : { bundle, since: now() };
}

async function applyStep(
  step: Exclude<RotationStep, 'none'>,
  record: AuthorityRecord,
  now: number,
  { authorityLifeMs = sharedAuthorityLifeMs }: RotationOptions,
): Promise<AuthorityRecord> {
  switch (step) {
    case 'prepare':
      return prepared(record, await issueAuthority(now, authorityLifeMs));
    case 'promote':
      return promoted(record);
    case 'forget':
      return withoutExpired(record, now);
    default:
      return step satisfies never;
  }
}

function toCertificateError(error: unknown): CertificateError {
  if (error instanceof CertificateError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new CertificateError('Unreadable', `the shared CA: ${reason}`, error);
}
