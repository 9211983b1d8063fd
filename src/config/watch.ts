/** Notices that the configuration or a file it names has changed, and loads it anew. What a new version is good for, the caller knows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedFiles } from './files.ts';
import { stampOf } from './stamp.ts';

export interface Reload {
  /** For one attempt to load. */
  files(): RecordedFiles;
  /** Loads through `files` and takes the result into use; rejects if it cannot be used, and then nothing has changed. */
  apply(files: RecordedFiles): Promise<void>;
  /** A new version was refused; the old one stays. */
  reject(error: unknown): void;
}

/**
 * By asking, not by events: the swap of a volume's `..data` leaves no event on the files, network file systems
 * have none, and a few dozen `stat`s cost nothing.
 */
export class ConfigurationWatch {
  readonly #reload: Reload;
  readonly #everyMs: number;
  /** Path → stamp of what is in use, or of the refused attempt after it. */
  #known: ReadonlyMap<string, string>;
  /** A change seen once; it counts when it is seen again unchanged, so that half-written files are left to settle. */
  #unsettled: string | null = null;

  constructor(loaded: RecordedFiles, reload: Reload, everyMs = 1_000) {
    this.#known = new Map(loaded.stamps);
    this.#reload = reload;
    this.#everyMs = everyMs;
  }

  /** Looks until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const now = await Promise.all(
      [...this.#known.keys()].map(async (path) => [path, await stampOf(path)] as const),
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
      // What the old version named is still in use; a further change to either may heal it.
      this.#known = new Map([...now, ...files.stamps]);
      this.#reload.reject(error);
    }
  }
}
