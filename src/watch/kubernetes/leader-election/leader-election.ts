/** Leader election by a Lease, as client-go does it: one of several replicas leads at a time. What it leads is the caller's. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fields, fields } from '../../../util/unstructured.ts';
import { deadlineIn } from '../../../util/async/deadline.ts';
import { type KubernetesApi, KubernetesError } from '../api.ts';
import {
  annotated,
  annotationsOf,
  createdAtOf,
  durationOf,
  heldBy,
  holderOf,
  newLease,
  recordOf,
  releasedFrom,
} from './lease-record.ts';
import { leases, pathOf } from '../resource.ts';

export interface LeaseTimes {
  /** How long the others wait after the last renewal that they saw. */
  readonly leaseDurationMs: number;
  /** Without a renewal for so long a leader stops leading; shorter than `leaseDurationMs`. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

export const defaultLeaseTimes: LeaseTimes = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
};

export interface LeaseObserver {
  led(isLeader: boolean): void;
  /** Whom the Lease names now; '' for nobody. */
  held(by: string): void;
  /** A `KubernetesError` of the Lease, or whatever `lead` threw. It goes on. */
  failed(error: unknown): void;
}

/** What whoever leads is told of the Lease that it got. */
export interface Leadership {
  /** When the first of all leaders made it, milliseconds since the epoch. */
  readonly createdAt: number;
  /** As those before wrote them. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ElectOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  readonly name: string;
  /** Of this replica alone: two of the same would both lead. */
  readonly identity: string;
  readonly times?: LeaseTimes;
  /** Written along with each renewal, and when the Lease is given back. */
  readonly annotations?: () => Readonly<Record<string, string>>;
  readonly observer?: LeaseObserver;
}

/** The signal aborts before another replica can have the Lease, when this one is to stop, or when the promise has settled. */
export type OnStartedLeading = (signal: AbortSignal, lease: Leadership) => Promise<void>;

const longestCallMs = 5_000;

/**
 * Until `signal` aborts; never rejects. `lead` is called whenever this replica has the Lease; when it returns, the Lease is
 * given back. After a Lease is lost this replica stands again, but not before `lead` has returned.
 */
export async function elect(
  options: ElectOptions,
  signal: AbortSignal,
  lead: OnStartedLeading,
): Promise<void> {
  const candidate = new Candidate(options);
  while (!signal.aborted) {
    const lease = await candidate.acquire(signal);
    if (lease) await candidate.lead(signal, lead, lease);
    if (!signal.aborted) await candidate.pause(signal);
  }
}

class Candidate {
  readonly #options: ElectOptions;
  readonly #times: LeaseTimes;
  readonly #path: string;
  /** So that a second try fits into the deadline. */
  readonly #callTimeoutMs: number;
  /** As the API server has it, for all that is known; null: to be read. */
  #lease: Fields | null = null;
  #record = '';
  #holder: string | null = null;
  /** When `#record` was first seen, on our own clock: the clocks of others are not believed. */
  #seenAt = 0;
  /** When the renewal that the others may have seen was sent. */
  #renewedAt = 0;

  constructor(options: ElectOptions) {
    this.#options = options;
    this.#times = options.times ?? defaultLeaseTimes;
    this.#path = pathOf(leases, options);
    this.#callTimeoutMs = Math.min(longestCallMs, this.#times.renewDeadlineMs / 2);
  }

  /** Once; null when somebody else has it, or the API server did not say. */
  async acquire(signal: AbortSignal): Promise<Fields | null> {
    const { identity, api, namespace } = this.#options;
    try {
      const found = await this.#read(signal);
      if (found && this.#isHeldByAnother(found)) return null;
      const wanted = heldBy(
        identity,
        found ?? newLease(this.#options),
        this.#times.leaseDurationMs,
        Date.now(),
      );
      this.#renewedAt = performance.now();
      const lease = found
        ? await this.#write(wanted, signal)
        : await api.request({
            method: 'POST',
            path: pathOf(leases, { namespace }),
            body: wanted,
            timeoutMs: this.#callTimeoutMs,
            signal,
          });
      this.#keep(fields(lease));
      return this.#lease;
    } catch (error) {
      this.#lease = null;
      // It may have been acquired all the same.
      if (signal.aborted) await this.#release();
      // A conflict: somebody was quicker.
      if (!isConflict(error) && !signal.aborted) this.#options.observer?.failed(error);
      return null;
    }
  }

  /** Leads, renews meanwhile, and gives the Lease back unless it was lost. */
  async lead(signal: AbortSignal, lead: OnStartedLeading, lease: Fields): Promise<void> {
    const { observer } = this.#options;
    const lost = new AbortController();
    const over = new AbortController();
    observer?.led(true);
    // While it winds down it still leads.
    const renewing = this.#renew(over.signal, lost);
    try {
      // With `over`: what a failed `lead` has left behind must not go on beside the next leader.
      await lead(AbortSignal.any([signal, lost.signal, over.signal]), {
        createdAt: createdAtOf(lease),
        annotations: annotationsOf(lease),
      });
    } catch (error) {
      if (!signal.aborted && !lost.signal.aborted) observer?.failed(error);
    }
    over.abort();
    await renewing;
    observer?.led(false);
    if (!lost.signal.aborted) await this.#release();
  }

  async pause(signal: AbortSignal): Promise<void> {
    // Not all at once when a Lease has run out.
    await sleep(this.#times.retryPeriodMs * (1 + Math.random() / 5), undefined, { signal }).catch(() => {});
  }

  /** Until `over` aborts, or it aborts `lost`. */
  async #renew(over: AbortSignal, lost: AbortController): Promise<void> {
    const { renewDeadlineMs, retryPeriodMs } = this.#times;
    let timer: NodeJS.Timeout | undefined;
    const lose = (): void => lost.abort(new Error('the Lease could not be renewed in time'));
    const rearm = (): void => {
      clearTimeout(timer);
      // From when the renewal was sent, not from when its answer came: the others count from what they saw.
      timer = setTimeout(lose, Math.max(0, this.#renewedAt + renewDeadlineMs - performance.now()));
    };
    rearm();
    const until = AbortSignal.any([over, lost.signal]);
    while (!until.aborted) {
      await sleep(retryPeriodMs, undefined, { signal: until }).catch(() => {});
      if (until.aborted) break;
      const sentAt = performance.now();
      const outcome = await this.#renewOnce(lost.signal);
      if (outcome === 'taken') lost.abort(new Error('another replica has the Lease'));
      if (outcome === 'renewed') {
        this.#renewedAt = sentAt;
        rearm();
      }
    }
    clearTimeout(timer);
  }

  async #renewOnce(signal: AbortSignal): Promise<'renewed' | 'failed' | 'taken'> {
    const { identity, annotations, observer } = this.#options;
    try {
      const found = this.#lease ?? (await this.#read(signal));
      if (!found || holderOf(found) !== identity) return 'taken';
      const wanted = heldBy(identity, found, this.#times.leaseDurationMs, Date.now());
      this.#keep(await this.#write(annotated(wanted, annotations?.() ?? {}), signal));
      return 'renewed';
    } catch (error) {
      // Whoever changed it, or whether an answer was lost: it is read again.
      this.#lease = null;
      if (!isConflict(error) && !signal.aborted) observer?.failed(error);
      return 'failed';
    }
  }

  /** By a signal of its own: the others' have aborted. */
  async #release(): Promise<void> {
    const { identity, annotations, observer } = this.#options;
    const { signal } = deadlineIn(this.#callTimeoutMs);
    try {
      // What is known may be old: the answer to the last renewal may have been lost.
      const found = await this.#read(signal);
      if (!found || holderOf(found) !== identity) return;
      const left = annotated(releasedFrom(found, Date.now()), annotations?.() ?? {});
      this.#keep(await this.#write(left, signal));
    } catch (error) {
      if (!isConflict(error)) observer?.failed(error);
    }
  }

  #isHeldByAnother(lease: Fields): boolean {
    const holder = holderOf(lease);
    if (holder === '' || holder === this.#options.identity) return false;
    return performance.now() < this.#seenAt + durationOf(lease, this.#times.leaseDurationMs);
  }

  async #read(signal: AbortSignal): Promise<Fields | null> {
    try {
      const { api } = this.#options;
      this.#keep(fields(await api.request({ path: this.#path, timeoutMs: this.#callTimeoutMs, signal })));
      return this.#lease;
    } catch (error) {
      if (error instanceof KubernetesError && error.code === 'NotFound') return null;
      throw error;
    }
  }

  /** With the version that was read: a `Conflict` when somebody wrote in between. */
  async #write(lease: Fields, signal: AbortSignal): Promise<Fields> {
    const { api } = this.#options;
    const timeoutMs = this.#callTimeoutMs;
    return fields(await api.request({ method: 'PUT', path: this.#path, body: lease, timeoutMs, signal }));
  }

  #keep(lease: Fields): void {
    const record = recordOf(lease);
    if (record !== this.#record) {
      this.#record = record;
      this.#seenAt = performance.now();
    }
    if (holderOf(lease) !== this.#holder) {
      this.#holder = holderOf(lease);
      this.#options.observer?.held(this.#holder);
    }
    this.#lease = lease;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof KubernetesError && (error.code === 'Conflict' || error.code === 'AlreadyExists');
}
