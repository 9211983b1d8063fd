/** Replica that competes for a Lease: it acquires, renews and releases it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fields, fields } from '../../../util/unstructured.ts';
import { deadlineIn } from '../../../util/async/deadline.ts';
import { KubernetesError } from '../api.ts';
import {
  acquiredBy,
  leaseAnnotations,
  leaseCreatedAt,
  leaseDurationMs,
  leaseHolder,
  newLease,
  released,
  renewalRecord,
  withAnnotations,
} from './lease-record.ts';
import { leases, pathOf } from '../resource.ts';
import {
  defaultLeaderElectionTimes,
  type LeaderElectionOptions,
  type LeaderElectionTimes,
  type OnStartedLeading,
} from './options.ts';

const maxCallMs = 5_000;

export class LeaseCandidate {
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaderElectionTimes;
  readonly #path: string;
  /** Time limit of one request: at most half of the deadline, so that a second attempt fits into it. */
  readonly #callTimeoutMs: number;
  /** The Lease as last read or written; null if it must be read. */
  #lease: Fields | null = null;
  #record = '';
  #holder: string | null = null;
  /** Time at which `#record` was first seen, by the local clock: other replicas' clocks are not trusted. */
  #seenAt = 0;
  /** Time at which the last successful renewal was sent. */
  #renewedAt = 0;
  #isLeading = false;
  /** True once a renewal by the current holder was seen. */
  #isRenewed = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? defaultLeaderElectionTimes;
    this.#path = pathOf(leases, options);
    this.#callTimeoutMs = Math.min(maxCallMs, this.#times.renewDeadlineMs / 2);
  }

  /** Tries once to acquire the Lease; returns null if another replica holds it or the request failed. */
  async acquire(signal: AbortSignal): Promise<Fields | null> {
    const { identity, api, namespace } = this.#options;
    try {
      const current = await this.#read(signal);
      if (this.heldForMs > 0) return null;
      const wanted = acquiredBy(
        identity,
        current ?? newLease(this.#options),
        this.#times.leaseDurationMs,
        Date.now(),
      );
      this.#renewedAt = performance.now();
      const lease = current
        ? await this.#write(wanted, signal)
        : await api.request({
            method: 'POST',
            path: pathOf(leases, { namespace }),
            body: wanted,
            timeoutMs: this.#callTimeoutMs,
            signal,
          });
      this.#remember(fields(lease));
      return this.#lease;
    } catch (error) {
      this.#lease = null;
      // The request may have succeeded although its response was lost.
      if (signal.aborted) await this.#release();
      // A conflict means that another replica was faster.
      if (!isConflict(error) && !signal.aborted) this.#options.observer?.failed(error);
      return null;
    }
  }

  /** Calls `lead`, renews the Lease meanwhile, and releases it unless it was lost. */
  async lead(signal: AbortSignal, lead: OnStartedLeading, lease: Fields): Promise<void> {
    const { observer } = this.#options;
    const lost = new AbortController();
    const over = new AbortController();
    this.#isLeading = true;
    observer?.leadingChanged(true);
    // Renewals continue while `lead` winds down, because this replica still leads.
    const renewing = this.#renewUntil(over.signal, lost);
    try {
      // `over` stops what a failed `lead` left running: it must not continue beside the next leader.
      await lead(AbortSignal.any([signal, lost.signal, over.signal]), {
        createdAt: leaseCreatedAt(lease),
        annotations: leaseAnnotations(lease),
      });
    } catch (error) {
      if (!signal.aborted && !lost.signal.aborted) observer?.failed(error);
    }
    over.abort();
    await renewing;
    observer?.leadingChanged(false);
    this.#isLeading = false;
    if (!lost.signal.aborted) await this.#release();
  }

  /** Renews until `over` aborts. If renewing fails for too long, it aborts `lost`. */
  async #renewUntil(over: AbortSignal, lost: AbortController): Promise<void> {
    const { renewDeadlineMs, renewPeriodMs, retryPeriodMs } = this.#times;
    let delayMs = renewPeriodMs;
    let timer: NodeJS.Timeout | undefined;
    const abortLost = (): void => lost.abort(new Error('the Lease could not be renewed in time'));
    const rearm = (): void => {
      clearTimeout(timer);
      // The deadline counts from when the renewal was sent, not from its response, because other replicas
      // count from what they saw.
      timer = setTimeout(abortLost, Math.max(0, this.#renewedAt + renewDeadlineMs - performance.now()));
    };
    rearm();
    const until = AbortSignal.any([over, lost.signal]);
    while (!until.aborted) {
      await sleep(delayMs, undefined, { signal: until }).catch(() => {});
      if (until.aborted) break;
      const sentAt = performance.now();
      const result = await this.#renewOnce(lost.signal);
      if (result === 'taken') lost.abort(new Error('another replica has the Lease'));
      delayMs = result === 'renewed' ? renewPeriodMs : retryPeriodMs;
      if (result === 'renewed') {
        this.#renewedAt = sentAt;
        rearm();
      }
    }
    clearTimeout(timer);
  }

  async #renewOnce(signal: AbortSignal): Promise<'renewed' | 'failed' | 'taken'> {
    const { identity, annotations, observer } = this.#options;
    try {
      const current = this.#lease ?? (await this.#read(signal));
      if (!current || leaseHolder(current) !== identity) return 'taken';
      const wanted = acquiredBy(identity, current, this.#times.leaseDurationMs, Date.now());
      this.#remember(await this.#write(withAnnotations(wanted, annotations?.() ?? {}), signal));
      return 'renewed';
    } catch (error) {
      // Another client changed the Lease, or the response was lost, so the Lease is read again.
      this.#lease = null;
      if (!isConflict(error) && !signal.aborted) observer?.failed(error);
      return 'failed';
    }
  }

  /** Releases the Lease. It has its own signal because the others have aborted. */
  async #release(): Promise<void> {
    const { identity, annotations, observer } = this.#options;
    const { signal } = deadlineIn(this.#callTimeoutMs);
    try {
      // The known state may be outdated, because the response to the last renewal may have been lost.
      const current = await this.#read(signal);
      if (!current || leaseHolder(current) !== identity) return;
      const releasedLease = withAnnotations(released(current, Date.now()), annotations?.() ?? {});
      this.#remember(await this.#write(releasedLease, signal));
    } catch (error) {
      if (!isConflict(error)) observer?.failed(error);
    }
  }

  /**
   * Takes over the state that a watch shows: the Lease, or null if it was deleted. It is ignored while this
   * replica leads.
   */
  observe(lease: Fields | null): void {
    if (this.#isLeading) return;
    if (lease) this.#remember(lease);
    else this.#lease = null;
  }

  /** Milliseconds until the Lease of another replica expires, by the local clock; 0 if this replica may acquire it. */
  get heldForMs(): number {
    const lease = this.#lease;
    if (!lease) return 0;
    const holder = leaseHolder(lease);
    if (holder === '' || holder === this.#options.identity) return 0;
    // A renewal proves that the holder exists, whatever a delayed watch of the pods shows.
    if (!this.#isRenewed && this.#options.isHolderGone?.(holder)) return 0;
    const expiresAt = this.#seenAt + leaseDurationMs(lease, this.#times.leaseDurationMs);
    return Math.max(0, expiresAt - performance.now());
  }

  async #read(signal: AbortSignal): Promise<Fields | null> {
    try {
      const { api } = this.#options;
      this.#remember(fields(await api.request({ path: this.#path, timeoutMs: this.#callTimeoutMs, signal })));
      return this.#lease;
    } catch (error) {
      if (!(error instanceof KubernetesError && error.code === 'NotFound')) throw error;
      this.#lease = null;
      return null;
    }
  }

  /**
   * Writes with the version that was read. The request fails with `Conflict` if another client wrote in
   * between.
   */
  async #write(lease: Fields, signal: AbortSignal): Promise<Fields> {
    const { api } = this.#options;
    const timeoutMs = this.#callTimeoutMs;
    return fields(await api.request({ method: 'PUT', path: this.#path, body: lease, timeoutMs, signal }));
  }

  #remember(lease: Fields): void {
    const record = renewalRecord(lease);
    if (record !== this.#record) {
      this.#isRenewed = leaseHolder(lease) === this.#holder;
      this.#record = record;
      this.#seenAt = performance.now();
    }
    if (leaseHolder(lease) !== this.#holder) {
      this.#holder = leaseHolder(lease);
      this.#options.observer?.leaderChanged(this.#holder);
    }
    this.#lease = lease;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof KubernetesError && (error.code === 'Conflict' || error.code === 'AlreadyExists');
}
