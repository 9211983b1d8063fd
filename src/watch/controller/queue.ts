/**
 * Work queue with client-go semantics: deduplicated keys, one worker per key, requeueing of keys that changed
 * meanwhile, exponential backoff. In addition, namespaces take turns and none gets all workers, and changed
 * keys have priority over periodic reviews.
 */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Timers } from '../../util/async/timers.ts';
import { FairSet } from '../../util/fair-set.ts';

export interface WorkQueueOptions {
  /** Returns the number of keys to process at the same time; the queue calls it for each key. */
  readonly workers: () => number;
  /**
   * Processes a key. Returns the milliseconds after which the key is due again, or null. A rejection counts
   * as a failure.
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | null>;
  /** Called when a key failed; `failures` counts its consecutive failures. */
  readonly onFailure: (key: string, error: unknown, failures: number) => void;
  readonly timers: Timers;
  /** Returns a number in [0, 1), as `Math.random` does. */
  readonly random: () => number;
}

/** `high` is for keys that have changed, `low` for periodic reviews, of which there may be thousands. */
export type Priority = 'high' | 'low';

const firstBackoffMs = 500;
const maxBackoffMs = 300_000;
/**
 * Largest share of the workers for one namespace: inspections at registries that do not answer hold a worker
 * for seconds each.
 */
const namespaceShare = 0.75;

/**
 * Returns the delay before a retry. It doubles with each failure and has a quarter of jitter in both
 * directions.
 */
export function retryDelayMs(failures: number, random: () => number): number {
  const doubled = firstBackoffMs * 2 ** Math.min(failures - 1, 20);
  return Math.round(Math.min(doubled, maxBackoffMs) * (0.75 + random() / 2));
}

interface DelayedKey {
  readonly at: number;
  readonly priority: Priority;
  readonly cancel: () => void;
}

/** Queue whose keys are `namespace/name`. The number of different keys bounds its memory. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys ready for a worker. A key has only one of the two priorities. */
  readonly #ready = { high: new FairSet(), low: new FairSet() };
  readonly #processing = new Set<string>();
  /** Number of keys in process by namespace. */
  readonly #busy = new Map<string, number>();
  /** Keys that were added while they were processed. */
  readonly #dirty = new Map<string, Priority>();
  readonly #delayed = new Map<string, DelayedKey>();
  readonly #failures = new Map<string, number>();
  #signal: AbortSignal | null = null;
  #onIdle: (() => void) | null = null;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Number of keys ready for a worker, without delayed ones. */
  get depth(): number {
    return this.#ready.high.size + this.#ready.low.size + this.#dirty.size;
  }

  /** Adds a key to be processed as soon as a worker is free. */
  add(key: string, priority: Priority = 'high'): void {
    // A delayed addition with high priority still applies after an addition with low priority.
    if (priority === 'high') this.#cancelDelayed(key);
    if (this.#processing.has(key)) this.#dirty.set(key, higherPriority(priority, this.#dirty.get(key)));
    else this.#enqueue(key, priority);
    this.#startWorkers();
  }

  /** Adds a key after `ms`, or earlier if it is already delayed by less. */
  addAfter(key: string, ms: number, priority: Priority = 'high'): void {
    if (ms <= 0) return this.add(key, priority);
    if (this.#ready.high.has(namespaceOf(key), key) || this.#dirty.get(key) === 'high') return;
    const { timers } = this.#options;
    const existing = this.#delayed.get(key);
    const at = Math.min(timers.elapsed() + ms, existing?.at ?? Number.POSITIVE_INFINITY);
    const newPriority = higherPriority(priority, existing?.priority);
    if (existing && existing.at === at && existing.priority === newPriority) return;
    existing?.cancel();
    const cancel = timers.after(at - timers.elapsed(), () => {
      this.#delayed.delete(key);
      this.add(key, newPriority);
    });
    this.#delayed.set(key, { at, priority: newPriority, cancel });
  }

  /** Runs until `signal` aborts and the work in flight has ended. The remaining keys are discarded. */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#signal = signal;
    this.#startWorkers();
    await stopped;
    this.#signal = null;
    if (this.#processing.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#discardAll();
  }

  #startWorkers(): void {
    const signal = this.#signal;
    if (signal === null || signal.aborted) return;
    while (this.#processing.size < this.#options.workers()) {
      const key = this.#take();
      if (key === null) return;
      this.#cancelDelayed(key);
      this.#processing.add(key);
      this.#count(key, 1);
      void this.#process(key, signal);
    }
  }

  #take(): string | null {
    const workers = this.#options.workers();
    const limit = Math.max(1, Math.floor(workers * namespaceShare));
    const mayTake = (namespace: string): boolean => (this.#busy.get(namespace) ?? 0) < limit;
    return this.#ready.high.take(mayTake) ?? this.#ready.low.take(mayTake);
  }

  #count(key: string, change: 1 | -1): void {
    const namespace = namespaceOf(key);
    const count = (this.#busy.get(namespace) ?? 0) + change;
    if (count === 0) this.#busy.delete(namespace);
    else this.#busy.set(namespace, count);
  }

  #enqueue(key: string, priority: Priority): void {
    const namespace = namespaceOf(key);
    if (priority === 'high') {
      this.#ready.low.delete(namespace, key);
      this.#ready.high.add(namespace, key);
    } else if (!this.#ready.high.has(namespace, key)) this.#ready.low.add(namespace, key);
  }

  async #process(key: string, signal: AbortSignal): Promise<void> {
    const retryMs = await this.#runWork(key, signal);
    // Thousands of keys without work must not delay admissions, which are answered on the same thread.
    await yieldToEventLoop();
    this.#processing.delete(key);
    this.#count(key, -1);
    const dirty = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (dirty) this.#enqueue(key, dirty);
    else if (retryMs !== null && !signal.aborted) this.addAfter(key, retryMs, 'low');
    if (this.#processing.size === 0) this.#onIdle?.();
    this.#startWorkers();
  }

  /** Processes one key. Never rejects. */
  async #runWork(key: string, signal: AbortSignal): Promise<number | null> {
    const { work, onFailure, random } = this.#options;
    try {
      const retryMs = await work(key, signal);
      this.#failures.delete(key);
      return retryMs;
    } catch (error) {
      // Work that is cancelled at the end is not a failure.
      if (signal.aborted) return null;
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      onFailure(key, error, failures);
      return retryDelayMs(failures, random);
    }
  }

  #cancelDelayed(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }

  #discardAll(): void {
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#ready.high.clear();
    this.#ready.low.clear();
    this.#dirty.clear();
    this.#failures.clear();
  }
}

/** Returns the part before the slash; a key without a slash is its own namespace. */
function namespaceOf(key: string): string {
  const slash = key.indexOf('/');
  return slash === -1 ? key : key.slice(0, slash);
}

function higherPriority(one: Priority, other: Priority | undefined): Priority {
  return other === 'high' ? other : one;
}
