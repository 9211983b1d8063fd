/** Mode `self` in a cluster: every replica signs its own certificate in memory below an authority that all of them share. Rotating it is `rotation.ts`. */
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
import { CertificateHolder } from './certificate-holder.ts';
import { issueAuthority, issueLeaf } from './authority/issue.ts';
import { isLeafDue, promoted, sharedAuthorityLife, withoutEnded } from './authority/rotation-step.ts';
import {
  type Certificate,
  CertificateError,
  type CertificateObserver,
  type CertificateSource,
} from './source.ts';

export interface SharedOptions {
  /** `serviceNames` of the Service. */
  readonly names: readonly string[];
  readonly store: AuthorityStore;
  readonly observer: CertificateObserver;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly refreshEveryMs?: number;
  /** How long `start` goes on trying, milliseconds: then a restart of the container may find another node's network. */
  readonly startWithinMs?: number;
  readonly authorityLifeMs?: number;
}

/** Half a second, then twice as long each time. */
const firstPause = 500;
const longestPause = 10_000;

export class SharedAuthoritySource implements CertificateSource {
  readonly #options: SharedOptions;
  readonly #now: () => number;
  readonly #held: CertificateHolder;
  #record: AuthorityRecord | null = null;
  /** Message of the last bad read; it was told. */
  #told: string | null = null;

  constructor(options: SharedOptions) {
    this.#options = options;
    this.#held = new CertificateHolder(options.observer);
    this.#now = options.now ?? Date.now;
  }

  current(): Certificate {
    return this.#held.current();
  }

  onChange(listener: (certificate: Certificate) => void): void {
    this.#held.onChange(listener);
  }

  async start(signal: AbortSignal): Promise<void> {
    const latest = performance.now() + (this.#options.startWithinMs ?? 120_000);
    for (let pause = firstPause; !(await this.#refresh(signal)); pause = Math.min(2 * pause, longestPause)) {
      if (performance.now() + pause > latest || signal.aborted) {
        throw new CertificateError('Unreadable', this.#told ?? 'the shared authority was not read in time');
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
    void every(
      this.#options.refreshEveryMs ?? 60_000,
      signal,
      async () => void (await this.#refresh(signal)),
    );
  }

  /** Takes what is there now; false if there is nothing good, and the old pair stays. */
  async #refresh(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#take(await this.#obtain(signal));
      this.#told = null;
      return true;
    } catch (error) {
      if (!signal.aborted) this.#refuse(asFailure(error));
      return false;
    }
  }

  #refuse(failure: CertificateError): void {
    if (failure.message !== this.#told) this.#held.refuse(failure);
    this.#told = failure.message;
  }

  async #obtain(signal: AbortSignal): Promise<AuthorityRecord> {
    const stored = await this.#options.store.read(signal);
    if (!stored) return this.#create(signal);
    const record = parseRecord(stored.data);
    if (record.active.notAfter.getTime() <= this.#now()) return this.#replace(stored, record, signal);
    const own = this.#usable();
    return own && !isTrusted(own, record) ? this.#join(stored, record, own, signal) : record;
  }

  /**
   * Somebody has put another authority there. Replicas still serve under ours: it stays known to clients. And it signs
   * here until the next look: by then the leader has registered both.
   */
  async #join(
    stored: StoredAuthority,
    record: AuthorityRecord,
    own: AuthorityRecord,
    signal: AbortSignal,
  ): Promise<AuthorityRecord> {
    const trusted = [...record.trusted, ...certificatesIn(own.active.cert)];
    // If another replica was quicker, it has written the same; else the next look tries again.
    await this.#options.store.replace(stored.version, formatRecord({ ...record, trusted }), signal);
    return { active: own.active, next: null, trusted };
  }

  /** The first replica makes one; if it was deleted under running ones, clients trust what they still have. */
  async #create(signal: AbortSignal): Promise<AuthorityRecord> {
    const { store } = this.#options;
    const record = this.#usable() ?? authorityRecord(await this.#issue());
    if (await store.create(formatRecord(record), signal)) return record;
    const other = await store.read(signal);
    if (!other) throw new CertificateError('Unreadable', 'the shared authority came and went');
    return parseRecord(other.data);
  }

  #usable(): AuthorityRecord | null {
    return this.#record && this.#record.active.notAfter.getTime() > this.#now() ? this.#record : null;
  }

  /** It ended while nobody was there to rotate it: no connection is left that could fail. */
  async #replace(
    stored: StoredAuthority,
    record: AuthorityRecord,
    signal: AbortSignal,
  ): Promise<AuthorityRecord> {
    const now = this.#now();
    const hasNext = record.next !== null && record.next.notAfter.getTime() > now;
    const signing = hasNext ? promoted(record) : authorityRecord(await this.#issue(), record.trusted);
    const fresh = withoutEnded(signing, now);
    if (await this.#options.store.replace(stored.version, formatRecord(fresh), signal)) return fresh;
    throw new CertificateError('Expired', 'the shared authority has ended, and another replica replaces it');
  }

  #issue() {
    return issueAuthority(this.#now(), this.#options.authorityLifeMs ?? sharedAuthorityLife);
  }

  async #take(record: AuthorityRecord): Promise<void> {
    const ca = bundleOf(record);
    const signs = this.#record?.active.cert === record.active.cert;
    if (!signs || isLeafDue(this.current().notAfter, record.active, this.#now())) {
      const leaf = await issueLeaf(record.active, this.#options.names, this.#now());
      this.#held.take({ ...leaf, ca });
    } else if (!isDeepStrictEqual(this.#record?.trusted, record.trusted)) {
      this.#held.take({ ...this.current(), ca });
    }
    this.#record = record;
  }
}

function isTrusted({ active }: AuthorityRecord, { trusted }: AuthorityRecord): boolean {
  return certificatesIn(active.cert).every((pem) => trusted.includes(pem));
}

function asFailure(error: unknown): CertificateError {
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof CertificateError ? error.code : 'Unreadable';
  return new CertificateError(code, `the shared authority: ${why}`, error);
}
