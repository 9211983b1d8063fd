/** Rate limit reserve: background work stops fetching manifests when only the last share of a registry's rate limit is left for admission. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../../registry/error.ts';
import type { RateLimit } from '../../registry/response/rate-limit.ts';
import type { Registry } from '../../registry/registry.ts';

const lastShare = 0.1;
/** Reserved number of requests if a registry declares no limit. */
const fewRequests = 10;
// One hour: rate limit windows last for hours, and HEAD requests, which cost nothing, refresh the value more often.
const validMs = 3_600_000;

/** The rate limit that an endpoint declared last. */
export interface DeclaredRateLimit extends RateLimit {
  /** Milliseconds on the caller's monotonic clock. */
  readonly at: number;
}

export function isLastShare({ remaining, limit, at }: DeclaredRateLimit, now: number): boolean {
  return now - at < validMs && remaining <= (limit === null ? fewRequests : limit * lastShare);
}

/**
 * Wraps a client so that it does not GET manifests while `isReserved` returns true. Registries do not count HEAD and blob
 * requests.
 */
export function withRateLimitReserve(
  registry: Registry,
  isReserved: (endpoint: Endpoint) => boolean,
): Registry {
  const checkReserve = (endpoint: Endpoint): void => {
    if (!isReserved(endpoint)) return;
    const message = 'not read: the rest of its rate limit is reserved for admission';
    throw new RegistryError('rate-limited', message, { reason: 'RateLimitReserve' });
  };
  return {
    ...registry,
    async manifest(endpoint, target, context) {
      checkReserve(endpoint);
      return await registry.manifest(endpoint, target, context);
    },
    async open(endpoint, path, digest, request, context) {
      if (path === 'manifests' && request.method === 'GET') checkReserve(endpoint);
      return await registry.open(endpoint, path, digest, request, context);
    },
  };
}
