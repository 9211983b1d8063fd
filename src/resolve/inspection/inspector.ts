/** The way into `resolve`: answers from the cache, shares what is under way, and goes on behind the back of those who cannot wait. */
import type { Credentials } from '../credentials/credential.ts';
import { type Deadline, deadlineIn, expiry, remaining } from '../../util/async/deadline.ts';
import type { Reference } from '../reference/reference.ts';
import { AttemptLog } from './endpoint/attempt-log.ts';
import type { CachedAnswer, InspectionCache, ListCache } from './cache.ts';
import { SingleFlight, type SharedWork } from '../../util/async/single-flight.ts';
import type { Inspection, Inspector, InspectRequest } from './inspection.ts';
import type { InspectionObserver } from './observer.ts';
import { stale } from './outcome/build-inspection.ts';
import { Resolution, type ResolutionOptions } from './resolution.ts';

export interface InspectorOptions extends Omit<ResolutionOptions, 'cache'> {
  /** Shared by all inspectors, reloads included; every list has its own part. */
  readonly cache: InspectionCache;
  readonly observer: InspectionObserver;
  /** For a whole resolution, with or without anybody waiting, milliseconds. */
  readonly resolutionTimeoutMs: number;
  /** How long the digest of a tag is believed, milliseconds. */
  readonly tagTTL: number;
  /** How long a failure is believed, milliseconds. */
  readonly failureTTL: number;
  /** Greatest age of an answer that is served while nothing can be asked, milliseconds; 0: never. */
  readonly maxStale: number;
}

/** A resolution under way. */
interface Flight extends SharedWork<Inspection> {
  readonly resolution: Resolution;
}

// Resolutions for which nobody waits any longer.
const maxAbandoned = 64;

export function createInspector(options: InspectorOptions): Inspector {
  return new CachedInspector(options);
}

class CachedInspector implements Inspector {
  readonly #options: InspectorOptions;
  readonly #cache: ListCache;
  readonly #flights = new SingleFlight<Flight>(maxAbandoned);

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#cache = options.cache.list(options.mirrors.id);
  }

  peek(reference: Reference, credentials: Credentials): Inspection | null {
    const held = this.#cache.get(this.#cache.key(reference, credentials));
    if (!held || held.freshUntil <= this.#options.clock()) return null;
    this.#options.observer.cache(held.inspection.stale ? 'stale' : 'hit');
    this.#options.observer.inspected(held.inspection.result);
    return held.inspection;
  }

  async inspect(request: InspectRequest): Promise<Inspection> {
    const { reference, credentials } = request;
    const fresh = request.allEndpoints ? null : this.peek(reference, credentials);
    if (fresh) return fresh;
    const inspection = await this.#asked(request);
    this.#options.observer.inspected(inspection.result);
    return inspection;
  }

  async #asked(request: InspectRequest): Promise<Inspection> {
    if (!request.allEndpoints && request.purpose !== 'interactive') return await this.#shared(request);
    this.#options.observer.cache('miss');
    const { deadline } = request;
    return await this.#resolve(request, this.#resolution(request, deadline), deadline);
  }

  /** One resolution for all who ask for the same, each with its own patience. */
  async #shared(request: InspectRequest): Promise<Inspection> {
    const key = this.#cache.key(request.reference, request.credentials);
    const { work, shared } = this.#flights.acquire(key, () => this.#takeOff(request));
    this.#options.observer.cache(shared ? 'shared' : 'miss');
    const inspection = await Promise.race([work.done, expiry(request.deadline)]);
    this.#flights.release(key, work);
    return inspection ?? this.#staleOr(work.resolution.pending(), this.#cache.get(key));
  }

  #takeOff(request: InspectRequest): Flight {
    const controller = new AbortController();
    const { resolutionTimeoutMs } = this.#options;
    // A silent endpoint must not keep what nobody waits for as long as its asker could wait.
    const ms =
      request.purpose === 'background'
        ? resolutionTimeoutMs
        : Math.max(resolutionTimeoutMs, remaining(request.deadline));
    const hard = deadlineIn(Math.ceil(ms), controller.signal);
    const resolution = this.#resolution(request, hard);
    return {
      resolution,
      done: this.#resolve(request, resolution, hard),
      cancel: () => controller.abort(),
    };
  }

  #resolution(request: InspectRequest, hard: Deadline): Resolution {
    const { reference, credentials, deadline: soft, purpose, onManifest } = request;
    const background = purpose === 'background';
    const turn = { reference, credentials, soft, hard, background, log: new AttemptLog(), onManifest };
    const before = this.#held(request)?.lastAvailable?.digest ?? null;
    return new Resolution({ ...this.#options, cache: this.#cache }, turn, before);
  }

  /** Runs to the end and remembers the answer. */
  async #resolve(request: InspectRequest, resolution: Resolution, hard: Deadline): Promise<Inspection> {
    const { observer } = this.#options;
    const inspection = await resolution.run(request.allEndpoints);
    for (const attempt of inspection.attempts) observer.attempted(attempt, request.reference.domain);
    // A comparison of all endpoints is no answer to "what would the node get".
    if (request.allEndpoints) return inspection;
    if (isConclusive(inspection, request, hard)) return this.#remember(inspection, request.credentials);
    return this.#staleOr(inspection, this.#held(request));
  }

  #remember(inspection: Inspection, credentials: Credentials): Inspection {
    const { clock, tagTTL, failureTTL } = this.#options;
    const key = this.#cache.key(inspection.reference, credentials);
    const before = this.#cache.get(key);
    if (inspection.result === 'available') {
      const freshUntil = this.#isSettled(inspection, credentials)
        ? Number.POSITIVE_INFINITY
        : clock() + tagTTL;
      this.#cache.set(key, { inspection, freshUntil, lastAvailable: inspection });
      return inspection;
    }
    const answer = this.#staleOr(inspection, before);
    const good = inspection.result === 'unavailable' ? (before?.lastAvailable ?? null) : null;
    this.#cache.set(key, { inspection: answer, freshUntil: clock() + failureTTL, lastAvailable: good });
    return answer;
  }

  /** The last good answer instead of no answer: a registry that is down does not take admissions with it. */
  #staleOr(inspection: Inspection, held: CachedAnswer | undefined): Inspection {
    const good = held?.lastAvailable ?? null;
    if (inspection.result !== 'unavailable' || good === null) return inspection;
    if (inspection.inspectedAt - good.inspectedAt > this.#options.maxStale) return inspection;
    this.#options.observer.cache('stale');
    return stale(good, inspection);
  }

  /** A digest never means anything else; only an image with a missing part may look different later. */
  #isSettled({ reference }: Inspection, credentials: Credentials): boolean {
    const { digest } = reference;
    return digest !== null && this.#cache.content(reference, credentials, digest) !== undefined;
  }

  #held({ reference, credentials }: InspectRequest): CachedAnswer | undefined {
    return this.#cache.get(this.#cache.key(reference, credentials));
  }
}

/** Worth telling others: not cut short by somebody's impatience, and nothing left out that an admission would have asked. */
function isConclusive(
  { result, attempts }: Inspection,
  { purpose }: InspectRequest,
  hard: Deadline,
): boolean {
  if (result === 'available') return true;
  if (purpose === 'interactive' || hard.signal.aborted) return false;
  return !attempts.some(({ reason }) => reason === 'RateLimitReserve');
}
