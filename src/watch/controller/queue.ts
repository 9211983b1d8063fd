/**
 * A work queue as client-go's: every key once, no key in two hands, what changes during its work is worked on again,
 * failures come back later and later. What a key means is not known here.
 */
import type { Timers } from './timers.ts';

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

const firstBackOffMs = 500;
const longestBackOffMs = 300_000;

/** Doubles with every failure, up to a quarter less or more. */
export function backOff(failures: number, random: () => number): number {
  const doubled = firstBackOffMs * 2 ** Math.min(failures - 1, 20);
  return Math.round(Math.min(doubled, longestBackOffMs) * (0.75 + random() / 2));
}

interface Appointment {
  readonly at: number;
  readonly cancel: () => void;
}

/** Bounded by the number of different keys. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #working = new Set<string>();
  /** Added while they were worked on. */
  readonly #dirty = new Set<string>();
  readonly #appointments = new Map<string, Appointment>();
  readonly #failures = new Map<string, number>();
  #running: AbortSignal | null = null;
  #idle: (() => void) | null = null;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys ready to be worked on; those with an appointment are not. */
  get depth(): number {
    return this.#ready.size + this.#dirty.size;
  }

  /** To be worked on as soon as somebody is free. */
  add(key: string): void {
    this.#forgetAppointment(key);
    if (this.#working.has(key)) this.#dirty.add(key);
    else this.#ready.add(key);
    this.#hire();
  }

  /** To be worked on after `ms`, or earlier when it is due earlier already. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) return this.add(key);
    if (this.#ready.has(key) || this.#dirty.has(key)) return;
    const at = this.#options.timers.now() + ms;
    const known = this.#appointments.get(key);
    if (known && known.at <= at) return;
    known?.cancel();
    const cancel = this.#options.timers.after(ms, () => this.add(key));
    this.#appointments.set(key, { at, cancel });
  }

  /** Works until `signal` aborts and the work in hand has ended; what is left is forgotten then. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#running = signal;
    this.#hire();
    await over;
    this.#running = null;
    if (this.#working.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#forgetAll();
  }

  #hire(): void {
    const signal = this.#running;
    if (signal === null || signal.aborted) return;
    for (const key of this.#ready) {
      if (this.#working.size >= this.#options.workers()) return;
      this.#ready.delete(key);
      this.#forgetAppointment(key);
      this.#working.add(key);
      void this.#work(key, signal);
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const again = await this.#outcome(key, signal);
    this.#working.delete(key);
    if (this.#dirty.delete(key)) this.#ready.add(key);
    else if (again !== null && !signal.aborted) this.addAfter(key, again);
    if (this.#working.size === 0) this.#idle?.();
    this.#hire();
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

  #forgetAppointment(key: string): void {
    this.#appointments.get(key)?.cancel();
    this.#appointments.delete(key);
  }

  #forgetAll(): void {
    for (const { cancel } of this.#appointments.values()) cancel();
    this.#appointments.clear();
    this.#ready.clear();
    this.#dirty.clear();
    this.#failures.clear();
  }
}
