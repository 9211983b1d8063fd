/**
 * Check of all parts of one image: looks for, or reads, every manifest, configuration and layer where the node would fetch it.
 */
import type { Digest } from '../reference/digest.ts';
import { ContentSource, type SourceOptions } from '../fetch/content-source.ts';
import { type ContentRefusal, FetchError, refusalWords } from '../fetch/fetch-error.ts';
import { Fetcher, type FetcherOptions } from '../fetch/fetcher.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { RuntimeProfile } from '../endpoints/runtime/runtime-profile.ts';
import { decodeManifest } from '../manifest/decode.ts';
import { ManifestError } from '../manifest/error.ts';
import type { Descriptor, Manifest } from '../manifest/manifest.ts';
import type { Platform } from '../platform/platform.ts';
import type { Warning } from '../warning.ts';
import { flawOf, partsOf, selectEntries, type SelectedEntry, type WantedPart } from './image-contents.ts';
import { layerWarnings } from './layer-format.ts';
import type { ManifestStore } from './manifest-store.ts';
import type { Part, PartsProgress, WantedPlatform } from './part.ts';
import { honoursRange, probe } from './part-probe.ts';

export interface PartsCheckOptions {
  readonly source: Omit<SourceOptions, 'namedBy'>;
  /** Returns the number of requests sent so far. */
  readonly requests: () => number;
  readonly mode: 'exists' | 'read';
  readonly wanted: readonly WantedPlatform[];
  /** Runtimes that the nodes may have. */
  readonly profiles: readonly RuntimeProfile[];
  readonly progress: PartsProgress;
  readonly manifests: ManifestStore;
  readonly maxManifestBytes: number;
  readonly stallMs?: FetcherOptions['stallMs'];
}

/** Findings of the check, before `parts-report.ts` formats them. */
export interface Checked {
  readonly parts: readonly Part[];
  /** Images of the index that cannot run even if all parts exist. */
  readonly flaws: readonly { readonly reason: 'TooManyLayers' | 'Malformed'; readonly digest: Digest }[];
  /** Number of platforms that were not checked because there are too many. */
  readonly leftOut: number;
  /** Earlier endpoints that lack a part which a later endpoint has. */
  readonly elsewhere: ReadonlyMap<Endpoint, readonly Part[]>;
}

/** The manifest of the image's tag, if the resolution has just read it. */
export interface RootManifest {
  readonly descriptor: Descriptor;
  /** null if the check must read it. */
  readonly manifest: Manifest | null;
  readonly endpoint: Endpoint | null;
}

const maxPlatforms = 8;
const maxRequests = 1024;
const maxDepth = 3;
// Six: three for each of two sources that are contacted in turn. The slots of each source limit the requests further.
const workers = 6;

const notReached = {
  endpoint: null,
  result: 'unavailable',
  status: null,
  via: null,
} as const;

export class PartsCheck {
  readonly #options: PartsCheckOptions;
  readonly #source: ContentSource;
  readonly #fetcher: Fetcher;
  readonly #parts = new Map<Digest, Part>();
  readonly #flaws: Checked['flaws'][number][] = [];
  readonly #elsewhere = new Map<Endpoint, Part[]>();
  readonly #refusesRange = new Set<string>();
  readonly #ignoresRange = new Set<string>();
  readonly #probed = new Set<string>();
  /** The endpoint that served the first manifest. External URLs may reach loopback or plain http only if it does. */
  #namedBy: Endpoint | null = null;
  #images = 0;
  #leftOut = 0;

  constructor(options: PartsCheckOptions) {
    const { source, stallMs, progress } = options;
    this.#options = options;
    this.#source = new ContentSource({ ...source, namedBy: () => this.#namedBy });
    this.#fetcher = new Fetcher({
      source: this.#source,
      signal: source.deadline.signal,
      onOpened: (from) => progress.source(from),
      ...(stallMs === undefined ? {} : { stallMs }),
    });
  }

  /** Runs the check. Rejects only for a programming error. */
  async run(root: RootManifest): Promise<Checked> {
    const wanted = await this.#manifest(root, null, 0);
    this.#options.progress.planned(
      wanted.length,
      wanted.reduce((sum, { size }) => sum + size, 0),
    );
    const queue = wanted.values();
    const worker = async (): Promise<void> => {
      for (const part of queue) this.#note(await this.#part(part));
    };
    await Promise.all(Array.from({ length: workers }, worker));
    for (const warning of this.#warnings(wanted)) this.#options.source.warn(warning);
    // Concurrent checks end in any order, so the parts are sorted.
    const order = new Map([...wanted.entries()].map(([index, { digest }]) => [digest, index]));
    const parts = [...this.#parts.values()].toSorted(
      (a, b) => (order.get(a.digest) ?? -1) - (order.get(b.digest) ?? -1),
    );
    return { parts, flaws: this.#flaws, leftOut: this.#leftOut, elsewhere: this.#elsewhere };
  }

  /** Records the manifest as a part and returns the parts that it names, each once. */
  async #manifest(
    { descriptor, manifest, endpoint }: RootManifest,
    platform: Platform | null,
    depth: number,
  ): Promise<readonly WantedPart[]> {
    const part = { ...descriptor, kind: 'manifest' as const, platform, isLazy: false };
    this.#namedBy ??= endpoint;
    const read = manifest ?? (await this.#read(part));
    if (manifest) this.#note(available(part, endpoint?.url ?? null, 200, 'get'));
    if (!read) return [];
    switch (read.kind) {
      case 'index':
        return depth < maxDepth ? await this.#children(read.entries, depth) : [];
      case 'image':
        return this.#image(read, descriptor.digest, platform);
      case 'artifact':
      case 'schema1':
        return [];
      default:
        return read satisfies never;
    }
  }

  async #children(
    entries: Parameters<typeof selectEntries>[0],
    depth: number,
  ): Promise<readonly WantedPart[]> {
    const parts: WantedPart[] = [];
    for (const { entry, platform } of selectEntries(entries, this.#options.wanted)) {
      if (this.#parts.has(entry.digest)) continue;
      if (this.#images === maxPlatforms) {
        this.#leaveOut({ entry, platform });
        continue;
      }
      this.#images++;
      const child = { descriptor: entry, manifest: null, endpoint: null };
      parts.push(...(await this.#manifest(child, platform, depth + 1)));
    }
    return distinct(parts);
  }

  /** Counts a platform beyond the limit. It is recorded as unknown if the caller asked for platforms by name. */
  #leaveOut({ entry, platform }: SelectedEntry): void {
    this.#leftOut++;
    if (this.#options.wanted.length === 0) return;
    const message = `not checked: more than ${maxPlatforms} platforms`;
    const part = { ...entry, kind: 'manifest' as const, platform, isLazy: false };
    this.#note({ ...described(part), ...notReached, reason: 'TooManyPlatforms', message });
  }

  #image(
    image: Extract<Manifest, { kind: 'image' }>,
    digest: Digest,
    platform: Platform | null,
  ): readonly WantedPart[] {
    const reason = flawOf(image);
    if (reason !== null) this.#flaws.push({ reason, digest });
    return reason === 'TooManyLayers' ? [] : distinct(partsOf(image, platform));
  }

  /** Reads a manifest, or verifies that one in the store still exists. Returns null if it is not available. */
  async #read(part: WantedPart): Promise<Manifest | null> {
    const { manifests, maxManifestBytes } = this.#options;
    const known = manifests.get(part.digest);
    if (known) {
      const found = await this.#part(part);
      this.#note(found);
      return found.result === 'available' ? known : null;
    }
    try {
      const { body, endpoint, source, refusals } = await this.#fetcher.read(part, maxManifestBytes);
      this.#namedBy ??= endpoint;
      const manifest = decodeManifest(body, part.mediaType === '' ? null : part.mediaType);
      manifests.set(part.digest, manifest);
      this.#found(available(part, source, 200, 'get'), refusals);
      return manifest;
    } catch (error) {
      this.#note(failed(part, error, 'get'));
      return null;
    }
  }

  async #part(part: WantedPart): Promise<Part> {
    const { requests, mode, source } = this.#options;
    if (source.deadline.signal.aborted) {
      return {
        ...described(part),
        ...notReached,
        reason: 'DeadlineExceeded',
        message: 'not checked: the time was up',
      };
    }
    if (requests() >= maxRequests) {
      const message = `not checked: ${maxRequests} requests were sent`;
      return { ...described(part), ...notReached, reason: 'TooManyRequests', message };
    }
    const isRead = mode === 'read' && part.kind !== 'manifest';
    try {
      return isRead ? await this.#verified(part) : await this.#probedPart(part);
    } catch (error) {
      return failed(part, error, isRead ? 'get' : 'head');
    }
  }

  async #probedPart(part: WantedPart): Promise<Part> {
    const { progress } = this.#options;
    const { value, source, release, refusals } = await this.#source.first(
      part,
      async (send, signal, from) => {
        progress.source(from);
        const found = await probe(send, part.size, signal);
        const ranged =
          part.isLazy && this.#isFirst(from) ? await honoursRange(send, 'bytes=0-0', signal) : null;
        return { found, ranged };
      },
    );
    release();
    const { status, via, otherSize, refusesRange } = value.found;
    if (refusesRange || value.ranged === 'refused') this.#refusesRange.add(source);
    if (value.ranged === 'ignored' || value.ranged === 'refused') this.#ignoresRange.add(source);
    if (otherSize !== null) {
      const message = `${source} has ${otherSize} bytes of it instead of ${part.size}`;
      return {
        ...described(part),
        endpoint: source,
        result: 'malformed',
        reason: 'Size',
        status,
        via,
        message,
      };
    }
    return this.#found(available(part, source, status, via), refusals);
  }

  async #verified(part: WantedPart): Promise<Part> {
    const { progress } = this.#options;
    const { source, refusals } = await this.#fetcher.verify(part, (bytes) => progress.read(bytes));
    // Nodes request ranges of layers only.
    if (source !== null && part.kind === 'layer' && this.#isFirst(source)) await this.#ranged(part);
    return this.#found(available(part, source, source === null ? null : 200, 'get'), refusals);
  }

  /** Tests the request with which nodes that fetch in parallel begin: a range that covers the whole content. */
  async #ranged(part: WantedPart): Promise<void> {
    const query = this.#source.first(part, (send, signal) => honoursRange(send, 'bytes=0-', signal));
    const { value, source, release } = await query;
    release();
    if (value === 'refused') this.#refusesRange.add(source);
    if (value !== 'honoured') this.#ignoresRange.add(source);
  }

  /** Returns true for the first range test at a source. */
  #isFirst(source: string): boolean {
    if (this.#probed.has(source)) return false;
    this.#probed.add(source);
    return true;
  }

  #found(part: Part, refusals: readonly ContentRefusal[]): Part {
    for (const { endpoint, result } of refusals) {
      if (result === 'not-found')
        this.#elsewhere.set(endpoint, [...(this.#elsewhere.get(endpoint) ?? []), part]);
    }
    this.#note(part);
    return part;
  }

  #note(part: Part): void {
    if (this.#parts.has(part.digest)) return;
    this.#parts.set(part.digest, part);
    this.#options.progress.checked(part);
  }

  #warnings(wanted: readonly WantedPart[]): readonly Warning[] {
    const isLazy = wanted.some((part) => part.isLazy);
    return [
      ...layerWarnings(wanted, this.#options.profiles),
      ...[...this.#refusesRange].map(refusedWarning),
      ...(isLazy ? [...this.#ignoresRange].map(lazyWarning) : []),
    ];
  }
}

function refusedWarning(source: string): Warning {
  const message = `${source} answers 400 to requests for a range: nodes whose containerd fetches layers in parallel (concurrent_layer_fetch_buffer) cannot pull from it`;
  return { code: 'RangeRefused', message, source: null };
}

function lazyWarning(source: string): Warning {
  const message = `${source} does not honour Range: layers in the eStargz format are pulled whole from it`;
  return { code: 'LazyPullImpossible', message, source: null };
}

function distinct(parts: readonly WantedPart[]): readonly WantedPart[] {
  const first = new Map<Digest, WantedPart>();
  for (const part of parts) if (!first.has(part.digest)) first.set(part.digest, part);
  return [...first.values()];
}

function described({ digest, kind, mediaType, size, platform }: WantedPart) {
  return { digest, kind, mediaType, size, platform };
}

function available(part: WantedPart, source: string | null, status: number | null, via: Part['via']): Part {
  return {
    ...described(part),
    endpoint: source,
    result: 'available',
    reason: null,
    status,
    via,
    message: '',
  };
}

function failed(part: WantedPart, error: unknown, via: Part['via']): Part {
  if (error instanceof ManifestError) {
    const { code, message } = error;
    return {
      ...described(part),
      endpoint: null,
      result: 'malformed',
      reason: code,
      status: 200,
      via,
      message,
    };
  }
  if (!(error instanceof FetchError)) throw error;
  const { code, reason, status, refusals, message } = error;
  const detail = refusals.length > 0 ? refusals.map(refusalWords).join('; ') : message;
  return { ...described(part), endpoint: null, result: code, reason, status, via, message: detail };
}
