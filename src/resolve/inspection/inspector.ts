/**
 * Inspector: reuses cached inspections, shares running resolutions between callers, and completes them after callers have
 * left.
 */
import type { Credentials } from '../credentials/credential.ts';
import { type Deadline, deadlineIn, expiry, remaining } from '../../util/async/deadline.ts';
import { SingleFlight, type SharedWork } from '../../util/async/single-flight.ts';
import type { Reference } from '../reference/reference.ts';
import type { CachedAnswer, InspectionCache, ListCache } from './cache.ts';
import type { Inspection, Inspector, InspectRequest } from './inspection.ts';
import type { InspectionObserver } from './observer.ts';
import { staleInspection } from './outcome/build-inspection.ts';
import { Resolution, type ResolutionOptions } from './resolution.ts';

export interface InspectorOptions extends Omit<ResolutionOptions, 'cache'> {
  /** Cache shared by all inspectors and kept over reloads; every mirror list has its own part. */
  readonly cache: InspectionCache;
  readonly observer: InspectionObserver;
  /** Returns milliseconds on a monotonic clock, for durations; `clock` is for times that are shown. */
  readonly monotonicClock: () => number;
  /** Time for which the digest of a tag is reused, milliseconds. */
  readonly tagTTL: number;
  /** Time for which a failure is reused, milliseconds. */
  readonly failureTTL: number;
  /** Maximum age of an inspection that is reused while no registry is reachable, milliseconds; 0 for never. */
  readonly maxStale: number;
}

/** A running resolution. */
interface SharedResolution extends SharedWork<Inspection> {
  readonly resolution: Resolution;
}

// 64: the maximum number of resolutions that continue after all their callers have left.
const maxAbandoned = 64;

export function createInspector(options: InspectorOptions): Inspector {
  return new CachedInspector(options);
}

class CachedInspector implements Inspector {
  readonly #options: InspectorOptions;
  readonly #cache: ListCache;
  readonly #running = new SingleFlight<SharedResolution>(maxAbandoned);

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#cache = options.cache.list(options.mirrors.id, options.mirrors.refuse !== undefined);
  }

  peek(reference: Reference, credentials: Credentials): Inspection | null {
    return this.#fresh(this.#cache.key(reference, credentials));
  }

  async inspect(request: InspectRequest): Promise<Inspection> {
    const fresh = request.allEndpoints ? null : this.#fresh(this.#key(request));
    if (fresh) return fresh;
    const inspection = await this.#resolve(request);
    this.#options.observer.inspected(inspection.result);
    return inspection;
  }

  #fresh(key: string): Inspection | null {
    const cached = this.#cache.get(key);
    if (!cached || cached.freshUntil <= this.#options.monotonicClock()) return null;
    this.#options.observer.cache(cached.inspection.stale ? 'stale' : 'hit');
    this.#options.observer.inspected(cached.inspection.result);
    return cached.inspection;
  }

  async #resolve(request: InspectRequest): Promise<Inspection> {
    if (!request.allEndpoints && request.purpose !== 'interactive') return await this.#share(request);
    this.#options.observer.cache('miss');
    const { deadline } = request;
    return await this.#run(request, this.#newResolution(request, deadline), deadline);
  }

  /** Runs one resolution for all callers with the same key; each waits until its own deadline. */
  async #share(request: InspectRequest): Promise<Inspection> {
    const key = this.#key(request);
    const { work, shared } = this.#running.acquire(key, () => this.#start(request));
    this.#options.observer.cache(shared ? 'shared' : 'miss');
    const inspection = await Promise.race([work.done, this.#callerTimeout(request, work.resolution, key)]);
    this.#running.release(key, work);
    return inspection ?? this.#staleOr(work.resolution.pending(), this.#cache.get(key));
  }

  /** Resolves when the caller must stop waiting: at its deadline, or earlier if the last endpoint is known to be silent. */
  #callerTimeout(
    { deadline, purpose }: InspectRequest,
    resolution: Resolution,
    key: string,
  ): Promise<undefined> {
    const atDeadline = expiry(deadline);
    if (purpose !== 'admission') return atDeadline;
    if (resolution.isSilent) return Promise.resolve(undefined);
    // A caller that arrived before the silence was known continues to wait only if there is no earlier inspection.
    if ((this.#cache.get(key)?.lastAvailable ?? null) === null) return atDeadline;
    return Promise.race([atDeadline, resolution.silence.then(() => undefined)]);
  }

  #start(request: InspectRequest): SharedResolution {
    const controller = new AbortController();
    const { resolutionTimeoutMs } = this.#options;
    // Background work has no caller whose deadline could extend it, so a silent endpoint does not block its worker longer.
    const ms =
      request.purpose === 'background'
        ? resolutionTimeoutMs
        : Math.max(resolutionTimeoutMs, remaining(request.deadline));
    const workDeadline = deadlineIn(Math.ceil(ms), controller.signal);
    const resolution = this.#newResolution(request, workDeadline);
    return {
      resolution,
      done: this.#run(request, resolution, workDeadline),
      cancel: () => controller.abort(),
    };
  }

  #newResolution(request: InspectRequest, workDeadline: Deadline): Resolution {
    const { reference, credentials, deadline: callerDeadline, purpose, asNode = true, onManifest } = request;
    const earlierDigest = this.#cached(request)?.lastAvailable?.digest ?? null;
    return new Resolution(
      { ...this.#options, cache: this.#cache },
      { reference, credentials, callerDeadline, workDeadline, purpose, asNode, onManifest },
      earlierDigest,
    );
  }

  /** Runs the resolution to its end and caches the inspection. */
  async #run(request: InspectRequest, resolution: Resolution, workDeadline: Deadline): Promise<Inspection> {
    const { observer } = this.#options;
    const inspection = await resolution.run(request.allEndpoints);
    for (const attempt of inspection.attempts) observer.attempted(attempt, request.reference.domain);
    // A comparison of all endpoints does not show what a node would pull.
    if (request.allEndpoints) return inspection;
    if (isConclusive(inspection, request, workDeadline)) return this.#store(inspection, request);
    return this.#staleOr(inspection, this.#cached(request));
  }

  #store(inspection: Inspection, request: InspectRequest): Inspection {
    const { monotonicClock, tagTTL, failureTTL } = this.#options;
    const now = monotonicClock();
    const key = this.#key(request);
    const earlier = this.#cache.get(key);
    if (inspection.result === 'available') {
      const freshUntil = this.#isFinal(inspection, request.credentials)
        ? Number.POSITIVE_INFINITY
        : now + tagTTL;
      this.#cache.set(key, { inspection, freshUntil, lastAvailable: inspection, availableAt: now });
      return inspection;
    }
    const answer = this.#staleOr(inspection, earlier);
    const lastAvailable = inspection.result === 'unavailable' ? (earlier?.lastAvailable ?? null) : null;
    const availableAt = earlier?.availableAt ?? now;
    this.#cache.set(key, { inspection: answer, freshUntil: now + failureTTL, lastAvailable, availableAt });
    return answer;
  }

  /** Returns the last good inspection instead of `unavailable`, so that a registry's outage does not block admission. */
  #staleOr(inspection: Inspection, cached: CachedAnswer | undefined): Inspection {
    const lastAvailable = cached?.lastAvailable ?? null;
    if (inspection.result !== 'unavailable' || !cached || lastAvailable === null) return inspection;
    const { maxStale, monotonicClock, observer } = this.#options;
    if (monotonicClock() - cached.availableAt > maxStale) return inspection;
    observer.cache('stale');
    return staleInspection(lastAvailable, inspection);
  }

  /** Returns true for a digest whose content is cached; an image with a missing part may look different later. */
  #isFinal({ reference }: Inspection, credentials: Credentials): boolean {
    const { digest } = reference;
    return digest !== null && this.#cache.content(reference, credentials, digest) !== undefined;
  }

  #cached(request: InspectRequest): CachedAnswer | undefined {
    return this.#cache.get(this.#key(request));
  }

  #key({ reference, credentials, asNode = true }: InspectRequest): string {
    const key = this.#cache.key(reference, credentials);
    return asNode ? key : `${key} client`;
  }
}

/**
 * Returns true if other callers may reuse the inspection: nothing was cut short or left out that an admission would have done.
 */
function isConclusive(
  { result, attempts }: Inspection,
  { purpose }: InspectRequest,
  workDeadline: Deadline,
): boolean {
  if (result === 'available') return true;
  if (purpose === 'interactive' || workDeadline.signal.aborted) return false;
  return !attempts.some(({ reason }) => reason === 'RateLimitReserve');
}
