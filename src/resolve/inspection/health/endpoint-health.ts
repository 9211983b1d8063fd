/** What is known of every endpoint's state, shared by all mirror lists: breakers, cool-downs, slots and quotas (rules 7 and 8). Asks nobody itself. */
import { LRUCache } from 'lru-cache';
import type { Endpoint, SkipReason } from '../../endpoints/endpoint.ts';
import type { RateLimit } from '../../registry/response/rate-limit.ts';
import { CircuitBreaker, type QueryOutcome, type Blocked } from './breaker.ts';
import type { InspectionObserver } from '../observer.ts';
import { isLastShare, type DeclaredRateLimit } from './rate-limit-reserve.ts';
import { Semaphore } from '../../../util/async/semaphore.ts';

/** Leave to ask; `leave` must be called once. */
export interface Permit {
  readonly kind: 'permit';
  /** The endpoint was broken, and this caller alone finds out whether it still is. */
  readonly trial: boolean;
  /** `why` is what the next ones that are refused get to read. */
  leave(outcome: QueryOutcome, why: string): void;
}

export interface EndpointRefusal {
  readonly kind: 'refusal';
  readonly reason: Extract<SkipReason, 'CircuitOpen' | 'RateLimited' | 'DeadlineExceeded'>;
  readonly message: string;
}

export interface EndpointHealth {
  /** Would `enter` refuse just now? Claims nothing. */
  refuses(endpoint: Endpoint): boolean;
  /** Waits for a slot until `signal` aborts. */
  enter(endpoint: Endpoint, signal: AbortSignal): Promise<Permit | EndpointRefusal>;
  /** Milliseconds until a cool-down is over; 0: there is none. */
  coolingMs(endpoint: Endpoint): number;
  /** The endpoint asked to be left alone that long. */
  coolDown(endpoint: Endpoint, forMs: number): void;
  /** The endpoint declared its quota. */
  declared(endpoint: Endpoint, limit: RateLimit): void;
  /** Is it down to the last share of its quota? */
  isLow(endpoint: Endpoint): boolean;
  /** Another takes its place: it tells of no breaker any more, and last that those that are open are so no longer. */
  retire(): void;
}

export interface HealthOptions {
  readonly observer: InspectionObserver;
  /** Milliseconds; only differences count. */
  readonly clock: () => number;
  /** Questions under way to one endpoint at the same time; 32 when absent. */
  readonly slots?: number;
}

interface State {
  readonly breaker: CircuitBreaker;
  readonly slots: Semaphore;
  why: string;
  quota: DeclaredRateLimit | null;
}

// Pods can name any number of registries; those that nobody asked lately are forgotten.
const maxEndpoints = 1_000;
// As many as the client's connections to one origin: more would only wait there, on the time of their attempts.
const defaultSlots = 32;

export function createEndpointHealth({
  observer,
  clock,
  slots = defaultSlots,
}: HealthOptions): EndpointHealth {
  let isRetired = false;
  const told = new Set<string>();
  const states = new LRUCache<string, State>({
    max: maxEndpoints,
    // Whoever counts open breakers must not count for ever one that nobody can close.
    dispose: (_, url) => tell(url, false),
  });

  function tell(url: string, open: boolean): void {
    if (isRetired || told.has(url) === open) return;
    if (open) told.add(url);
    else told.delete(url);
    observer.breaker(url, open);
  }

  function stateOf(endpoint: Endpoint): State {
    const known = states.get(endpoint.url);
    if (known) return known;
    const state: State = { breaker: new CircuitBreaker(), slots: new Semaphore(slots), why: '', quota: null };
    states.set(endpoint.url, state);
    return state;
  }

  function restOf(endpoint: Endpoint): Blocked | null {
    return states.peek(endpoint.url)?.breaker.blockedUntil(clock()) ?? null;
  }

  function permit(endpoint: Endpoint, state: State, trial: boolean): Permit {
    return {
      kind: 'permit',
      trial,
      leave(outcome, why) {
        state.breaker.report(outcome, trial, clock());
        if (outcome !== 'answered') state.why = why;
        // Of one that was forgotten meanwhile there is nothing to tell.
        if (states.peek(endpoint.url) === state) tell(endpoint.url, state.breaker.open);
        state.slots.release();
      },
    };
  }

  return {
    refuses: (endpoint) => restOf(endpoint) !== null,

    coolingMs(endpoint) {
      const rest = restOf(endpoint);
      return rest?.reason === 'RateLimited' ? rest.forMs : 0;
    },

    async enter(endpoint, signal) {
      const state = stateOf(endpoint);
      const rest = state.breaker.blockedUntil(clock());
      if (rest) return refusal(rest, state.why);
      if (!(await state.slots.acquire(signal))) return noSlot;
      // It may have broken while this caller stood in the queue.
      const restNow = state.breaker.blockedUntil(clock());
      if (!restNow) return permit(endpoint, state, state.breaker.tryHalfOpen());
      state.slots.release();
      return refusal(restNow, state.why);
    },

    coolDown(endpoint, forMs) {
      stateOf(endpoint).breaker.coolDown(forMs, clock());
    },

    declared(endpoint, limit) {
      stateOf(endpoint).quota = { ...limit, at: clock() };
    },

    isLow(endpoint) {
      const quota = states.peek(endpoint.url)?.quota ?? null;
      return quota !== null && isLastShare(quota, clock());
    },

    retire() {
      for (const url of told) tell(url, false);
      isRetired = true;
    },
  };
}

const noSlot: EndpointRefusal = {
  kind: 'refusal',
  reason: 'DeadlineExceeded',
  message: 'not asked: too many requests to it were under way',
};

function refusal({ reason, forMs }: Blocked, why: string): EndpointRefusal {
  const again = `asked again in ${Math.ceil(forMs / 1000)} s`;
  const message =
    reason === 'RateLimited'
      ? `not asked: it said 429 (too many requests); ${again}`
      : `not asked: it failed lately (${why}); ${again}`;
  return { kind: 'refusal', reason, message };
}
