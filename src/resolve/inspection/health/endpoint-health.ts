/**
 * Health of endpoints, shared by all mirror lists: circuit breakers, pauses after 429, concurrency slots and declared rate
 * limits. A mirror's 429 and 5xx responses count for one repository, because they may come from the registry behind the
 * mirror. Failures of several repositories block that registry at the mirror; failures of several registries block the mirror.
 */
import { LRUCache } from 'lru-cache';
import { Semaphore } from '../../../util/async/semaphore.ts';
import type { Endpoint, SkipReason } from '../../endpoints/endpoint.ts';
import type { RateLimit } from '../../registry/response/rate-limit.ts';
import type { InspectionObserver } from '../observer.ts';
import type { Blocked, QueryOutcome } from './breaker.ts';
import { type DeclaredRateLimit, isLastShare } from './rate-limit-reserve.ts';
import { HealthScope, type HealthSubject, scopesOf } from './health-scope.ts';

/** Permission to send requests; `release` must be called once. */
export interface Permit {
  readonly kind: 'permit';
  /** True if the circuit was open and this caller alone tests the endpoint. */
  readonly isTrial: boolean;
  /** Opens the circuit because the endpoint is silent; the request may continue. */
  reportSilence(message: string): void;
  /** Starts a pause of `forMs` after a 429. */
  coolDown(forMs: number): void;
  /** Ends the permission. `message` explains the refusals that follow. */
  release(outcome: QueryOutcome, message: string): void;
}

export interface HealthRefusal {
  readonly kind: 'refusal';
  readonly reason: Extract<SkipReason, 'CircuitOpen' | 'RateLimited' | 'DeadlineExceeded'>;
  readonly message: string;
}

export interface EndpointHealth {
  /** Returns true if `enter` would refuse now. It reserves nothing. */
  isBlocked(subject: HealthSubject): boolean;
  /** Waits for a slot until `signal` aborts or the circuit opens. */
  enter(subject: HealthSubject, signal: AbortSignal): Promise<Permit | HealthRefusal>;
  /** Returns the milliseconds until a pause after 429 ends; 0 if there is none. */
  coolingMs(subject: HealthSubject): number;
  /** Returns true if the endpoint was silent and has not answered since. */
  wasSilent(subject: HealthSubject): boolean;
  /** Records a rate limit that the endpoint declared. */
  declared(endpoint: Endpoint, limit: RateLimit): void;
  /** Returns true if only the last share of the rate limit is left. */
  isLow(endpoint: Endpoint): boolean;
  /** Stops reporting to the observer, after reporting every circuit as closed. */
  retire(): void;
}

export interface HealthOptions {
  readonly observer: InspectionObserver;
  /** Returns milliseconds on a monotonic clock. */
  readonly clock: () => number;
  /** Maximum number of concurrent queries to one endpoint; 32 if absent. */
  readonly slots?: number;
}

interface EndpointState {
  readonly slots: Semaphore;
  /** Aborts when the circuit opens, so that queued callers do not wait for slots that a silent endpoint holds. */
  opened: AbortController;
  declared: DeclaredRateLimit | null;
}

// 1000: pods can name any number of registries, so the least recently used endpoints are forgotten.
const maxEndpoints = 1_000;
const maxScopes = 4 * maxEndpoints;
// 32: the client's connections to one origin. Further queries would wait there and lose their own time.
const defaultSlots = 32;

export function createEndpointHealth(options: HealthOptions): EndpointHealth {
  return new SharedHealth(options);
}

class SharedHealth implements EndpointHealth {
  readonly #observer: InspectionObserver;
  readonly #clock: () => number;
  readonly #slots: number;
  readonly #endpoints = new LRUCache<string, EndpointState>({ max: maxEndpoints });
  readonly #scopes: LRUCache<string, HealthScope>;
  readonly #reportedOpen = new Set<string>();
  #isRetired = false;

  constructor({ observer, clock, slots = defaultSlots }: HealthOptions) {
    this.#observer = observer;
    this.#clock = clock;
    this.#slots = slots;
    this.#scopes = new LRUCache({
      max: maxScopes,
      // The metric must not count a forgotten circuit, which nothing could close.
      dispose: (_, key) => this.#report(key, false),
    });
  }

  isBlocked(subject: HealthSubject): boolean {
    return this.#blocked(subject) !== null;
  }

  coolingMs(subject: HealthSubject): number {
    const blocked = this.#blocked(subject)?.blocked;
    return blocked?.reason === 'RateLimited' ? blocked.forMs : 0;
  }

  wasSilent({ endpoint }: HealthSubject): boolean {
    return this.#scopes.peek(endpoint.url)?.wasSilent ?? false;
  }

  async enter(subject: HealthSubject, signal: AbortSignal): Promise<Permit | HealthRefusal> {
    const blocked = this.#blocked(subject);
    if (blocked) return refusal(blocked.blocked, blocked.scope.message);
    const scopes = scopesOf(subject).map((key) => this.#scope(key));
    // A trial takes no slot: the requests that found the endpoint silent may hold all of them.
    if (scopes.some(({ breaker }) => breaker.isOpen)) return this.#permit(subject, scopes, null);
    const state = this.#endpoint(subject.endpoint);
    const acquired = await state.slots.acquire(AbortSignal.any([signal, state.opened.signal]));
    // The circuit may have opened while this caller was queued.
    const blockedNow = this.#blocked(subject);
    if (!blockedNow) return acquired ? this.#permit(subject, scopes, state) : noSlot;
    if (acquired) state.slots.release();
    return refusal(blockedNow.blocked, blockedNow.scope.message);
  }

  declared(endpoint: Endpoint, limit: RateLimit): void {
    this.#endpoint(endpoint).declared = { ...limit, at: this.#clock() };
  }

  isLow({ url }: Endpoint): boolean {
    const declared = this.#endpoints.peek(url)?.declared ?? null;
    return declared !== null && isLastShare(declared, this.#clock());
  }

  retire(): void {
    for (const url of this.#reportedOpen) this.#report(url, false);
    this.#isRetired = true;
  }

  #permit(subject: HealthSubject, scopes: readonly HealthScope[], state: EndpointState | null): Permit {
    const trials = scopes.filter(({ breaker }) => breaker.tryHalfOpen());
    const { endpoint } = subject;
    const startedAt = this.#clock();
    let slots = state?.slots ?? null;
    const record = (
      outcome: QueryOutcome,
      message: string,
      isTrial: (scope: HealthScope) => boolean,
    ): void => {
      const attempt = { outcome, message, startedAt, now: this.#clock() };
      for (const scope of scopes) scope.report(attempt, subject, isTrial(scope));
      this.#publish(endpoint.url, scopes);
      // A silent request may continue for long, so it gives its slot back.
      slots?.release();
      slots = null;
    };
    return {
      kind: 'permit',
      isTrial: trials.length > 0,
      reportSilence: (message) => record('silent', message, () => false),
      coolDown: (forMs) => {
        for (const scope of scopes) scope.coolDown(forMs, subject, this.#clock());
      },
      release: (outcome, message) => {
        record(outcome, message, (scope) => trials.includes(scope));
      },
    };
  }

  #publish(url: string, [first]: readonly HealthScope[]): void {
    const isOpen = first?.breaker.isOpen ?? false;
    const state = this.#endpoints.peek(url);
    if (state && isOpen) {
      state.opened.abort();
      state.opened = new AbortController();
    }
    // The scope of a forgotten endpoint is no longer the one in the cache.
    if (this.#scopes.peek(url) === first) this.#report(url, isOpen);
  }

  #report(url: string, isOpen: boolean): void {
    if (this.#isRetired || this.#reportedOpen.has(url) === isOpen) return;
    if (isOpen) this.#reportedOpen.add(url);
    else this.#reportedOpen.delete(url);
    this.#observer.breaker(url, isOpen);
  }

  #blocked(subject: HealthSubject): { readonly blocked: Blocked; readonly scope: HealthScope } | null {
    const now = this.#clock();
    for (const key of scopesOf(subject)) {
      const scope = this.#scopes.peek(key);
      const blocked = scope?.breaker.blockedUntil(now) ?? null;
      if (scope && blocked) return { blocked, scope };
    }
    return null;
  }

  #scope(key: string): HealthScope {
    const known = this.#scopes.get(key);
    if (known) return known;
    const scope = new HealthScope(key);
    this.#scopes.set(key, scope);
    return scope;
  }

  #endpoint({ url }: Endpoint): EndpointState {
    const known = this.#endpoints.get(url);
    if (known) return known;
    const state: EndpointState = {
      slots: new Semaphore(this.#slots),
      opened: new AbortController(),
      declared: null,
    };
    this.#endpoints.set(url, state);
    return state;
  }
}

const noSlot: HealthRefusal = {
  kind: 'refusal',
  reason: 'DeadlineExceeded',
  message: 'not asked: too many requests to it were running',
};

function refusal({ reason, forMs }: Blocked, message: string): HealthRefusal {
  const next = `next try in ${Math.ceil(forMs / 1000)} s`;
  const text =
    reason === 'RateLimited'
      ? `not asked: it answered 429 (too many requests); ${next}`
      : `not asked: it failed recently (${message}); ${next}`;
  return { kind: 'refusal', reason, message: text };
}
