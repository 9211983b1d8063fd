/** Inspections by reference and manifests by digest, apart for every mirror list and every holder of credentials (rule 12). A bounded store; what is fresh is decided by who asks. */
import { LRUCache } from 'lru-cache';
import type { Credentials } from '../credentials/credential.ts';
import type { Digest } from '../reference/digest.ts';
import { canonical, nameOf } from '../reference/format.ts';
import type { Reference } from '../reference/reference.ts';
import type { ResolvedImage } from './image/resolved-image.ts';
import type { Inspection } from './inspection.ts';
import type { InspectionObserver } from './observer.ts';

/** The last answer about a reference. */
export interface CachedAnswer {
  readonly inspection: Inspection;
  /** Milliseconds on the inspector's clock. */
  readonly freshUntil: number;
  /** The last answer that was `available` when a registry was asked, and not disproved since. */
  readonly lastAvailable: Inspection | null;
}

/** A manifest that was read, and where: its digest has been verified. */
export interface CachedContent {
  readonly found: ResolvedImage;
  /** Keys of the endpoints that served it. */
  readonly servedBy: ReadonlySet<string>;
}

// One per configuration that was loaded lately, times the node groups.
const maxLists = 64;
const maxHolders = 10_000;

export class InspectionCache {
  readonly #lists = new LRUCache<string, ListCache>({ max: maxLists });
  readonly #answers: LRUCache<string, CachedAnswer>;
  readonly #contents: LRUCache<string, CachedContent>;
  #holders = 0;

  constructor(options: { readonly maxEntries: number; readonly observer: InspectionObserver }) {
    const dispose = (_value: unknown, _key: string, reason: LRUCache.DisposeReason): void => {
      if (reason === 'evict') options.observer.cache('evicted');
    };
    this.#answers = new LRUCache<string, CachedAnswer>({ max: options.maxEntries, dispose });
    this.#contents = new LRUCache<string, CachedContent>({ max: options.maxEntries, dispose });
  }

  /** The part of one mirror list, by its `id`. */
  list(id: string): ListCache {
    const known = this.#lists.get(id);
    if (known) return known;
    const list = new ListCache(this.#answers, this.#contents, () => `${this.#holders++} `);
    this.#lists.set(id, list);
    return list;
  }
}

export class ListCache {
  readonly #answers: LRUCache<string, CachedAnswer>;
  readonly #contents: LRUCache<string, CachedContent>;
  readonly #newPrefix: () => string;
  /** A short prefix per holder of credentials keeps keys short on the warm path. Forgetting one only forgets its answers. */
  readonly #prefixes = new LRUCache<string, string>({ max: maxHolders });

  constructor(
    answers: LRUCache<string, CachedAnswer>,
    contents: LRUCache<string, CachedContent>,
    newPrefix: () => string,
  ) {
    this.#answers = answers;
    this.#contents = contents;
    this.#newPrefix = newPrefix;
  }

  /** What `held` and `hold` want; also a name for work under way. */
  key(reference: Reference, credentials: Credentials): string {
    return this.#prefix(credentials) + canonical(reference);
  }

  get(key: string): CachedAnswer | undefined {
    return this.#answers.get(key);
  }

  set(key: string, held: CachedAnswer): void {
    this.#answers.set(key, held);
  }

  content(reference: Reference, credentials: Credentials, digest: Digest): CachedContent | undefined {
    return this.#contents.get(this.#contentKey(reference, credentials, digest));
  }

  /** What is held under a digest is never replaced: only the endpoints that served it add up. */
  keep(reference: Reference, credentials: Credentials, found: ResolvedImage, servedBy: string): void {
    const key = this.#contentKey(reference, credentials, found.digest);
    const known = this.#contents.get(key);
    if (known?.servedBy.has(servedBy)) return;
    this.#contents.set(key, {
      found: known?.found ?? found,
      servedBy: new Set([...(known?.servedBy ?? []), servedBy]),
    });
  }

  #contentKey(reference: Reference, credentials: Credentials, digest: Digest): string {
    return `${this.#prefix(credentials)}${nameOf(reference)}@${digest}`;
  }

  #prefix({ id }: Credentials): string {
    const known = this.#prefixes.get(id);
    if (known !== undefined) return known;
    const prefix = this.#newPrefix();
    this.#prefixes.set(id, prefix);
    return prefix;
  }
}
