/** Leaves the last share of a registry's quota to those who wait: background work stops reading manifests there (rule 8). */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../../registry/error.ts';
import type { RateLimit } from '../../registry/response/rate-limit.ts';
import type { Registry } from '../../registry/registry.ts';

const lastShare = 0.1;
/** Taken for the last share where a registry does not tell its limit. */
const fewRequests = 10;
// Quota windows last for hours; HEADs, which cost nothing, refresh what is known more often than this.
const believedMs = 3_600_000;

/** What one endpoint last declared. */
export interface DeclaredRateLimit extends RateLimit {
  /** On the clock of whoever reads it, milliseconds. */
  readonly at: number;
}

export function isLastShare({ remaining, limit, at }: DeclaredRateLimit, now: number): boolean {
  return now - at < believedMs && remaining <= (limit === null ? fewRequests : limit * lastShare);
}

/** A client that refuses to read manifests where `spares` says so; HEADs and blobs are not counted by registries. */
export function withRateLimitReserve(registry: Registry, spares: (endpoint: Endpoint) => boolean): Registry {
  const spare = (endpoint: Endpoint): void => {
    if (!spares(endpoint)) return;
    const message = 'not read: the last of its quota is kept for admissions';
    throw new RegistryError('rate-limited', message, { reason: 'RateLimitReserve' });
  };
  return {
    ...registry,
    async manifest(endpoint, target, context) {
      spare(endpoint);
      return await registry.manifest(endpoint, target, context);
    },
    async open(endpoint, path, digest, request, context) {
      if (path === 'manifests' && request.method === 'GET') spare(endpoint);
      return await registry.open(endpoint, path, digest, request, context);
    },
  };
}
