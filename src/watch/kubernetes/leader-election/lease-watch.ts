/**
 * Watch of the Lease for replicas that do not lead, so that they need not poll and notice a released Lease at
 * once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fields } from '../../../util/unstructured.ts';
import { Reflector } from '../informer/reflector.ts';
import { leases } from '../resource.ts';
import type { LeaseCandidate } from './candidate.ts';
import { defaultLeaderElectionTimes, type LeaderElectionOptions } from './options.ts';

export class LeaseWatch {
  readonly #candidate: LeaseCandidate;
  readonly #retryPeriodMs: number;
  readonly #reflector: Reflector<Fields>;
  #changed = new AbortController();

  constructor(options: LeaderElectionOptions, candidate: LeaseCandidate) {
    const { api, namespace, name, watchObserver, times = defaultLeaderElectionTimes } = options;
    this.#candidate = candidate;
    this.#retryPeriodMs = times.retryPeriodMs;
    this.#reflector = new Reflector<Fields>({
      api,
      resource: leases,
      namespace,
      // RBAC matches this selector with `resourceNames`.
      fieldSelector: `metadata.name=${name}`,
      project: (lease) => lease,
      ...(watchObserver && { observer: watchObserver }),
    });
    this.#reflector.subscribe(({ after }) => {
      candidate.observe(after ?? null);
      this.#changed.abort();
    });
  }

  /** Runs until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  /** Resolves when acquiring the Lease should be tried again. It polls while the watch does not work. */
  async pause(signal: AbortSignal): Promise<void> {
    const jitter = Math.random() / 5;
    if (!this.#isWorking) return await wait(this.#retryPeriodMs * (1 + jitter), signal);
    for (let ms = this.#candidate.heldForMs; ms > 0 && !signal.aborted; ms = this.#candidate.heldForMs) {
      this.#changed = new AbortController();
      await wait(ms, AbortSignal.any([signal, this.#changed.signal]));
      // Without a new renewal either the Lease has expired or the watch has stalled; the next attempt reads
      // the Lease.
      if (!this.#changed.signal.aborted) break;
    }
    // The delay is random, so that not all replicas try at once.
    await wait(this.#retryPeriodMs * jitter, signal);
  }

  get #isWorking(): boolean {
    return this.#reflector.isSynced && this.#reflector.failure === null;
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
