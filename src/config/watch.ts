/** Poller of the configuration file and the files that it names, which reloads them after a change. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedFiles } from './files.ts';
import { stamp } from './stamp.ts';

export interface Reload {
  /** Returns the files for one attempt to load. */
  files(): RecordedFiles;
  /**
   * Loads through `files` and activates the result. Rejects for an invalid version; the active version then
   * stays.
   */
  apply(files: RecordedFiles): Promise<void>;
  /** Called when a new version was rejected. */
  reject(error: unknown): void;
}

/**
 * Watches by polling, because the swap of a volume's `..data` causes no event on the files and network file
 * systems have no events. A few dozen `stat` calls a second cost next to nothing.
 */
export class ConfigurationWatch {
  readonly #reload: Reload;
  readonly #everyMs: number;
  /** Maps each path to its stamp in the active version, or in a version that was rejected since. */
  #known: ReadonlyMap<string, string>;
  /**
   * Change that one poll has seen. It counts when the next poll sees the same, so that a half-written file
   * can be completed.
   */
  #unsettled: string | null = null;

  constructor(loaded: RecordedFiles, reload: Reload, everyMs = 1_000) {
    this.#known = new Map(loaded.stamps);
    this.#reload = reload;
    this.#everyMs = everyMs;
  }

  /** Polls until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#poll();
    }
  }

  async #poll(): Promise<void> {
    const now = await Promise.all(
      [...this.#known.keys()].map(async (path) => [path, await stamp(path)] as const),
    );
    const changed = now.some(([path, stamp]) => this.#known.get(path) !== stamp);
    const state = changed ? JSON.stringify(now) : null;
    const settled = state !== null && state === this.#unsettled;
    this.#unsettled = settled ? null : state;
    if (settled) await this.#load(now);
  }

  async #load(now: readonly (readonly [string, string])[]): Promise<void> {
    const files = this.#reload.files();
    try {
      await this.#reload.apply(files);
      this.#known = new Map(files.stamps);
    } catch (error) {
      // The files of the active version are watched as well: a change to either set may correct the error.
      this.#known = new Map([...now, ...files.stamps]);
      this.#reload.reject(error);
    }
  }
}
