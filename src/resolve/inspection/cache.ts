/**
 * Cache of inspections by reference and of manifests by digest, separated by mirror list and by the caller's credentials.
 * Entries and bytes are limited; the inspector decides which entries are fresh.
 */
import { LRUCache } from 'lru-cache';
import type { Credentials } from '../credentials/credential.ts';
import type { Digest } from '../reference/digest.ts';
import { canonical, nameOf } from '../reference/format.ts';
import type { Reference } from '../reference/reference.ts';
import type { Platform } from '../platform/platform.ts';
import type { ResolvedImage } from './image/resolved-image.ts';
import type { Inspection } from './inspection.ts';
import type { InspectionObserver } from './observer.ts';

/** The last inspection of a reference. */
export interface CachedAnswer {
  readonly inspection: Inspection;
  /** End of freshness, milliseconds on the monotonic clock. */
  readonly freshUntil: number;
  /** The last `available` inspection that no registry has disproved since; null if there is none. */
  readonly lastAvailable: Inspection | null;
  /** Time of `lastAvailable`, milliseconds on the monotonic clock. */
  readonly availableAt: number;
}

/** A manifest whose digest was verified. */
export interface CachedContent {
  readonly image: ResolvedImage;
  /** Keys of the endpoints that served it by its digest; a tag's response does not count. */
  readonly servedBy: ReadonlySet<string>;
}

export interface InspectionCacheOptions {
  readonly maxEntries: number;
  /** Maximum estimated size of inspections and manifests together; 64 MiB if absent. */
  readonly maxBytes?: number;
  readonly observer: InspectionObserver;
}

// 1024: one list for each recent configuration, node group and line of runtimes that reads the configuration differently.
const maxLists = 1_024;
const maxHolders = 10_000;
const defaultMaxBytes = 64 * 1024 * 1024;
// Estimated heap size of an object with a dozen members, and of one character in V8's two-byte strings.
const bytesPerObject = 256;
const bytesPerCharacter = 2;
// 64: one entry for each endpoint of a list.
const maxServedBy = 64;

export class InspectionCache {
  readonly #lists = new LRUCache<string, ListCache>({ max: maxLists });
  readonly #answers: LRUCache<string, CachedAnswer>;
  readonly #contents: LRUCache<string, CachedContent>;
  #holders = 0;

  constructor({ maxEntries, maxBytes = defaultMaxBytes, observer }: InspectionCacheOptions) {
    const dispose = (_value: unknown, _key: string, reason: LRUCache.DisposeReason): void => {
      if (reason === 'evict') observer.cache('evicted');
    };
    const bounds = { max: maxEntries, maxSize: Math.ceil(maxBytes / 2), dispose };
    this.#answers = new LRUCache<string, CachedAnswer>({ ...bounds, sizeCalculation: sizeOfAnswer });
    this.#contents = new LRUCache<string, CachedContent>({
      ...bounds,
      sizeCalculation: ({ image, servedBy }) => sizeOfImage(image) + sizeOfTexts(servedBy),
    });
  }

  /** Estimated size of all entries in bytes. */
  get bytes(): number {
    return this.#answers.calculatedSize + this.#contents.calculatedSize;
  }

  /**
   * Returns the part of one mirror list, by its `id`. `byShortName` is true if the list resolves names without a registry
   * differently.
   */
  list(id: string, byShortName = false): ListCache {
    const known = this.#lists.get(id);
    if (known) return known;
    const list = new ListCache(this.#answers, this.#contents, () => `${this.#holders++} `, byShortName);
    this.#lists.set(id, list);
    return list;
  }
}

export class ListCache {
  readonly #answers: LRUCache<string, CachedAnswer>;
  readonly #contents: LRUCache<string, CachedContent>;
  readonly #newPrefix: () => string;
  readonly #byShortName: boolean;
  /** Short prefix for each caller's credentials, which keeps keys short. Eviction of a prefix only loses its entries. */
  readonly #prefixes = new LRUCache<string, string>({ max: maxHolders });

  constructor(
    answers: LRUCache<string, CachedAnswer>,
    contents: LRUCache<string, CachedContent>,
    newPrefix: () => string,
    byShortName: boolean,
  ) {
    this.#answers = answers;
    this.#contents = contents;
    this.#newPrefix = newPrefix;
    this.#byShortName = byShortName;
  }

  /** Returns the key for `get` and `set`, which also identifies a running resolution. */
  key(reference: Reference, credentials: Credentials): string {
    const key = this.#prefix(credentials) + canonical(reference);
    return this.#byShortName && reference.shortName !== undefined ? `${key} ${reference.shortName}` : key;
  }

  get(key: string): CachedAnswer | undefined {
    return this.#answers.get(key);
  }

  set(key: string, answer: CachedAnswer): void {
    this.#answers.set(key, answer);
  }

  content(reference: Reference, credentials: Credentials, digest: Digest): CachedContent | undefined {
    return this.#contents.get(this.#contentKey(reference, credentials, digest));
  }

  /**
   * Stores an image; the content of a digest is never replaced. `servedBy` is the endpoint that served it by digest, null if
   * it served a tag.
   */
  keep(reference: Reference, credentials: Credentials, image: ResolvedImage, servedBy: string | null): void {
    const key = this.#contentKey(reference, credentials, image.digest);
    const known = this.#contents.get(key);
    if (known && (servedBy === null || known.servedBy.has(servedBy) || known.servedBy.size >= maxServedBy))
      return;
    const served = new Set([...(known?.servedBy ?? []), ...(servedBy === null ? [] : [servedBy])]);
    this.#contents.set(key, { image: known?.image ?? image, servedBy: served });
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

function sizeOfAnswer({ inspection, lastAvailable }: CachedAnswer): number {
  const isShared = lastAvailable === null || lastAvailable === inspection;
  return sizeOfInspection(inspection) + (isShared ? 0 : sizeOfInspection(lastAvailable));
}

function sizeOfInspection({ message, warnings, attempts, ...image }: Inspection): number {
  const texts = [
    message,
    ...warnings.map((warning) => warning.message),
    ...attempts.flatMap((attempt) => [attempt.endpoint, attempt.repository, attempt.message]),
  ];
  const attemptPlatforms = attempts.flatMap(({ platforms }) => platforms ?? []);
  return (
    bytesPerObject * (2 + warnings.length + attempts.length) +
    sizeOfTexts(texts) +
    sizeOfPlatforms([...image.platforms, ...image.rawPlatforms, ...attemptPlatforms])
  );
}

function sizeOfImage({ platforms, rawPlatforms, warnings, contents }: ResolvedImage): number {
  const texts = warnings.map(({ message }) => message);
  const digests = (contents ?? []).map(({ manifest }) => manifest);
  return (
    bytesPerObject * 2 +
    sizeOfTexts([...texts, ...digests]) +
    sizeOfPlatforms([...platforms, ...rawPlatforms])
  );
}

function sizeOfPlatforms(platforms: readonly Platform[]): number {
  return platforms.reduce((sum, { os, architecture, variant, osVersion, osFeatures }) => {
    return sum + bytesPerObject + sizeOfTexts([os, architecture, variant, osVersion, ...osFeatures]);
  }, 0);
}

function sizeOfTexts(texts: Iterable<string>): number {
  let size = 0;
  for (const text of texts) size += bytesPerObject / 8 + text.length * bytesPerCharacter;
  return size;
}
