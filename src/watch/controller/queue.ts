/**
 * A work queue as client-go's: every key once, no key in two hands, what changes during its work is worked on again,
 * failures come back later and later; what somebody waits for goes first. What a key means is not known here.
 */
import { setImmediate as breath } from 'node:timers/promises';
import type { Timers } from '../../util/async/timers.ts';

export interface WorkQueueOptions {
  /** Keys worked on at the same time; read anew for every key. */
  readonly workers: () => number;
  /** Gives milliseconds after which the key is to be worked on again, or null: when somebody adds it. A rejection is a failure. */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | null>;
  /** A key failed, `failures` times in a row now. */
  readonly failed: (key: string, error: unknown, failures: number) => void;
  readonly timers: Timers;
  /** 0 to 1, as `Math.random`. */
  readonly random: () => number;
}

/** `soon`: somebody has changed it. `whenever`: it is only looked at again, as thousands of others may be. */
export type Priority = 'soon' | 'whenever';

const firstBackOffMs = 500;
const longestBackOffMs = 300_000;

/** Doubles with every failure, up to a quarter less or more. */
export function backOff(failures: number, random: () => number): number {
  const doubled = firstBackOffMs * 2 ** Math.min(failures - 1, 20);
  return Math.round(Math.min(doubled, longestBackOffMs) * (0.75 + random() / 2));
}

interface DelayedKey {
  readonly at: number;
  readonly urgency: Priority;
  readonly cancel: () => void;
}

/** Bounded by the number of different keys. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** In either, never in both; in the order they came. */
  readonly #soon = new Set<string>();
  readonly #whenever = new Set<string>();
  readonly #working = new Set<string>();
  /** Added while they were worked on. */
  readonly #dirty = new Map<string, Priority>();
  readonly #appointments = new Map<string, DelayedKey>();
  readonly #failures = new Map<string, number>();
  #running: AbortSignal | null = null;
  #idle: (() => void) | null = null;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys ready to be worked on; those with an appointment are not. */
  get depth(): number {
    return this.#soon.size + this.#whenever.size + this.#dirty.size;
  }

  /** To be worked on as soon as somebody is free. */
  add(key: string, urgency: Priority = 'soon'): void {
    // One that makes it urgent later still holds.
    if (urgency === 'soon') this.#cancelDelayed(key);
    if (this.#working.has(key)) this.#dirty.set(key, moreUrgent(urgency, this.#dirty.get(key)));
    else this.#enqueue(key, urgency);
    this.#startWorkers();
  }

  /** To be worked on after `ms`, or earlier when it is due earlier already. */
  addAfter(key: string, ms: number, urgency: Priority = 'soon'): void {
    if (ms <= 0) return this.add(key, urgency);
    if (this.#soon.has(key) || this.#dirty.get(key) === 'soon') return;
    const { timers } = this.#options;
    const known = this.#appointments.get(key);
    const at = Math.min(timers.elapsed() + ms, known?.at ?? Number.POSITIVE_INFINITY);
    const wanted = moreUrgent(urgency, known?.urgency);
    if (known && known.at === at && known.urgency === wanted) return;
    known?.cancel();
    const cancel = timers.after(at - timers.elapsed(), () => {
      this.#appointments.delete(key);
      this.add(key, wanted);
    });
    this.#appointments.set(key, { at, urgency: wanted, cancel });
  }

  /** Works until `signal` aborts and the work in hand has ended; what is left is forgotten then. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#running = signal;
    this.#startWorkers();
    await over;
    this.#running = null;
    if (this.#working.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#cancelAllDelayed();
  }

  #startWorkers(): void {
    const signal = this.#running;
    if (signal === null || signal.aborted) return;
    for (const line of [this.#soon, this.#whenever]) {
      for (const key of line) {
        if (this.#working.size >= this.#options.workers()) return;
        line.delete(key);
        this.#cancelDelayed(key);
        this.#working.add(key);
        void this.#work(key, signal);
      }
    }
  }

  #enqueue(key: string, urgency: Priority): void {
    if (urgency === 'soon') {
      this.#whenever.delete(key);
      this.#soon.add(key);
    } else if (!this.#soon.has(key)) this.#whenever.add(key);
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const again = await this.#outcome(key, signal);
    // Thousands of keys with nothing to do must not keep admissions waiting, which are answered on the same thread.
    await breath();
    this.#working.delete(key);
    const dirty = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (dirty) this.#enqueue(key, dirty);
    else if (again !== null && !signal.aborted) this.addAfter(key, again, 'whenever');
    if (this.#working.size === 0) this.#idle?.();
    this.#startWorkers();
  }

  /** Never rejects. */
  async #outcome(key: string, signal: AbortSignal): Promise<number | null> {
    const { work, failed, random } = this.#options;
    try {
      const again = await work(key, signal);
      this.#failures.delete(key);
      return again;
    } catch (error) {
      // What was cut off is no failure.
      if (signal.aborted) return null;
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      failed(key, error, failures);
      return backOff(failures, random);
    }
  }

  #cancelDelayed(key: string): void {
    this.#appointments.get(key)?.cancel();
    this.#appointments.delete(key);
  }

  #cancelAllDelayed(): void {
    for (const { cancel } of this.#appointments.values()) cancel();
    this.#appointments.clear();
    this.#soon.clear();
    this.#whenever.clear();
    this.#dirty.clear();
    this.#failures.clear();
  }
}

/** Of both. */
function moreUrgent(one: Priority, other: Priority | undefined): Priority {
  return other === 'soon' ? other : one;
}
