/** Rate limit that a registry declares in its responses, in Docker Hub's format: `ratelimit-remaining: 76;w=21600`. */
import { header, type Reply } from './reply.ts';

export interface RateLimit {
  /** Number of requests left in the window. */
  readonly remaining: number;
  /** Number of requests allowed in a window; null if not declared. */
  readonly limit: number | null;
}

/** Returns the declared rate limit; null if there is none. */
export function rateLimitOf(reply: Reply): RateLimit | null {
  const remaining = quantity(header(reply, 'ratelimit-remaining'));
  return remaining === null ? null : { remaining, limit: quantity(header(reply, 'ratelimit-limit')) };
}

function quantity(value: string | null): number | null {
  const digits = /^\s*(?<digits>\d{1,9})\s*(?:;|$)/.exec(value ?? '')?.groups?.['digits'];
  return digits === undefined ? null : Number(digits);
}
