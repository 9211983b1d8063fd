/**
 * Certificate source `self` in a cluster: every replica issues its own certificate in memory, signed by a CA
 * that all replicas share. The leader rotates the CA (`rotation.ts`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type AuthorityRecord,
  bundleOf,
  formatRecord,
  parseRecord,
  authorityRecord,
} from './authority/authority-record.ts';
import type { AuthorityStore, StoredAuthority } from './authority/authority-store.ts';
import { certificatesIn } from './chain.ts';
import { every } from '../../util/async/every.ts';
import { HeldSource, type HeldSourceOptions } from './held-source.ts';
import { issueAuthority, issueLeaf } from './authority/issue.ts';
import { isRenewalDue, promoted, sharedAuthorityLifeMs, withoutExpired } from './authority/rotation-step.ts';
import { CertificateError } from './source.ts';

export interface SharedOptions extends HeldSourceOptions {
  /** DNS names of the Service. */
  readonly names: readonly string[];
  readonly store: AuthorityStore;
  readonly refreshEveryMs?: number;
  /**
   * Time for which `start` retries. After it the process ends, because a restart of the container may
   * succeed.
   */
  readonly startWithinMs?: number;
  readonly authorityLifeMs?: number;
}

/** Delays between attempts of `start`; each is twice the previous one, up to the longest. */
const firstDelayMs = 500;
const longestDelayMs = 10_000;

export class SharedAuthoritySource extends HeldSource<SharedOptions> {
  #record: AuthorityRecord | null = null;
  /** Message of the last reported error. */
  #reported: string | null = null;

  async start(signal: AbortSignal): Promise<void> {
    const latest = performance.now() + (this.options.startWithinMs ?? 120_000);
    let delayMs = firstDelayMs;
    while (!(await this.#refresh(signal))) {
      if (performance.now() + delayMs > latest || signal.aborted) {
        throw new CertificateError('Unreadable', this.#reported ?? 'the shared CA was not read in time');
      }
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      delayMs = Math.min(2 * delayMs, longestDelayMs);
    }
    void every(this.options.refreshEveryMs ?? 60_000, signal, async () => void (await this.#refresh(signal)));
  }

  /** Uses the stored CA. If there is no valid one, it returns false and keeps the previous pair. */
  async #refresh(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#use(await this.#obtain(signal));
      this.#reported = null;
      return true;
    } catch (error) {
      if (!signal.aborted) this.#rejectOnce(toCertificateError(error));
      return false;
    }
  }

  #rejectOnce(error: CertificateError): void {
    if (error.message !== this.#reported) this.reject(error);
    this.#reported = error.message;
  }

  async #obtain(signal: AbortSignal): Promise<AuthorityRecord> {
    const stored = await this.options.store.read(signal);
    if (!stored) return this.#create(signal);
    const record = parseRecord(stored.data);
    if (record.active.notAfter.getTime() <= this.now()) return this.#replaceExpired(stored, record, signal);
    const own = this.#usableRecord();
    return own && !isTrusted(own, record) ? this.#mergeTrusted(stored, record, own, signal) : record;
  }

  /**
   * Handles a stored CA that an administrator replaced. Replicas still serve certificates of the previous CA,
   * so that CA is added to the trusted ones. It keeps signing on this replica until the next refresh, when
   * the leader has registered both.
   */
  async #mergeTrusted(
    stored: StoredAuthority,
    record: AuthorityRecord,
    own: AuthorityRecord,
    signal: AbortSignal,
  ): Promise<AuthorityRecord> {
    const trusted = [...record.trusted, ...certificatesIn(own.active.cert)];
    // After a conflict either another replica has written the same record, or the next refresh tries again.
    await this.options.store.replace(stored.version, formatRecord({ ...record, trusted }), signal);
    return { active: own.active, next: null, trusted };
  }

  /** Stores a new CA, or the one in use if the stored one was deleted, because clients still trust it. */
  async #create(signal: AbortSignal): Promise<AuthorityRecord> {
    const { store } = this.options;
    const record = this.#usableRecord() ?? authorityRecord(await this.#issue());
    if (await store.create(formatRecord(record), signal)) return record;
    const other = await store.read(signal);
    if (!other) throw new CertificateError('Unreadable', 'it was created and deleted at the same time');
    return parseRecord(other.data);
  }

  #usableRecord(): AuthorityRecord | null {
    return this.#record && this.#record.active.notAfter.getTime() > this.now() ? this.#record : null;
  }

  /** Replaces a CA that expired while no replica was running; no connection depends on it. */
  async #replaceExpired(
    stored: StoredAuthority,
    record: AuthorityRecord,
    signal: AbortSignal,
  ): Promise<AuthorityRecord> {
    const now = this.now();
    const hasNext = record.next !== null && record.next.notAfter.getTime() > now;
    const signing = hasNext ? promoted(record) : authorityRecord(await this.#issue(), record.trusted);
    const fresh = withoutExpired(signing, now);
    if (await this.options.store.replace(stored.version, formatRecord(fresh), signal)) return fresh;
    throw new CertificateError('Expired', 'it has expired, and another replica is replacing it');
  }

  #issue() {
    return issueAuthority(this.now(), this.options.authorityLifeMs ?? sharedAuthorityLifeMs);
  }

  async #use(record: AuthorityRecord): Promise<void> {
    const ca = bundleOf(record);
    const isSameIssuer = this.#record?.active.cert === record.active.cert;
    if (!isSameIssuer || isRenewalDue(this.current().notAfter, record.active, this.now())) {
      const leaf = await issueLeaf(record.active, this.options.names, this.now());
      this.replace({ ...leaf, ca });
    } else if (!isDeepStrictEqual(this.#record?.trusted, record.trusted)) {
      this.replace({ ...this.current(), ca });
    }
    this.#record = record;
  }
}

function isTrusted({ active }: AuthorityRecord, { trusted }: AuthorityRecord): boolean {
  return certificatesIn(active.cert).every((pem) => trusted.includes(pem));
}

function toCertificateError(error: unknown): CertificateError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof CertificateError ? error.code : 'Unreadable';
  return new CertificateError(code, `the shared CA: ${reason}`, error);
}
