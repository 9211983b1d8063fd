/** The leader's part in a shared authority: prepares the next one, lets it sign when clients know it, forgets the ended. The replicas follow by themselves (`shared.ts`). */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuthorityRecord, bundleOf, formatRecord, parseRecord } from './authority-record.ts';
import type { AuthorityStore } from './authority-store.ts';
import { issueAuthority } from './issue.ts';
import {
  prepared,
  promoted,
  type RotationStep,
  sharedAuthorityLife,
  stepOf,
  withoutEnded,
} from './rotation-step.ts';
import { CertificateError } from '../source.ts';

export interface RotationOptions {
  readonly store: AuthorityStore;
  /** Do all clients trust every authority in `bundle` (PEM)? false also where nobody can tell. */
  readonly isTrusted: (bundle: string, signal: AbortSignal) => Promise<boolean>;
  readonly observer: RotationObserver;
  readonly now?: () => number;
  readonly checkEveryMs?: number;
  /** From the first sight of a bundle in the cluster to its use by every API server. */
  readonly settleMs?: number;
  readonly authorityLifeMs?: number;
}

export interface RotationObserver {
  /** Is in the store; `notAfter` of the authority that signs from now on, or will. */
  authorityRotated(step: Exclude<RotationStep, 'none'>, notAfter: Date): void;
  /** It is tried again. */
  rotationFailed(error: CertificateError): void;
}

/** What an earlier look saw: since when clients trust a certain bundle. */
interface Trust {
  readonly bundle: string;
  readonly since: number;
}

/** Runs until `signal` aborts, which is when this replica leads no longer. Never rejects. */
export async function rotateAuthority(options: RotationOptions, signal: AbortSignal): Promise<void> {
  let trust: Trust | null = null;
  let told: string | null = null;
  while (!signal.aborted) {
    try {
      trust = await look(options, trust, signal);
      told = null;
    } catch (error) {
      if (signal.aborted) return;
      const failure = asFailure(error);
      if (failure.message !== told) options.observer.rotationFailed(failure);
      told = failure.message;
    }
    await sleep(options.checkEveryMs ?? 60_000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function look(
  options: RotationOptions,
  before: Trust | null,
  signal: AbortSignal,
): Promise<Trust | null> {
  const { store, isTrusted, settleMs = 60_000, now = Date.now } = options;
  const stored = await store.read(signal);
  // The replicas put it back.
  if (!stored) return null;
  const record = parseRecord(stored.data);
  const trust = record.next === null ? null : await trusted(bundleOf(record), isTrusted, before, now, signal);
  const trustedForMs = trust === null ? null : now() - trust.since;
  const step = stepOf(record, { now: now(), trustedForMs, settleMs });
  if (step === 'none') return trust;
  const next = await taken(step, record, now(), options);
  // Another leader, or a person, was quicker: looked at anew next time.
  if (!(await store.replace(stored.version, formatRecord(next), signal))) return trust;
  options.observer.authorityRotated(step, (next.next ?? next.active).notAfter);
  return null;
}

async function trusted(
  bundle: string,
  isTrusted: RotationOptions['isTrusted'],
  before: Trust | null,
  now: () => number,
  signal: AbortSignal,
): Promise<Trust | null> {
  if (!(await isTrusted(bundle, signal))) return null;
  return before?.bundle === bundle ? before : { bundle, since: now() };
}

async function taken(
  step: Exclude<RotationStep, 'none'>,
  record: AuthorityRecord,
  now: number,
  { authorityLifeMs = sharedAuthorityLife }: RotationOptions,
): Promise<AuthorityRecord> {
  switch (step) {
    case 'prepare':
      return prepared(record, await issueAuthority(now, authorityLifeMs));
    case 'promote':
      return promoted(record);
    case 'forget':
      return withoutEnded(record, now);
    default:
      return step satisfies never;
  }
}

function asFailure(error: unknown): CertificateError {
  if (error instanceof CertificateError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new CertificateError('Unreadable', `the shared authority: ${why}`, error);
}
