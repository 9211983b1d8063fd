/** Several platforms of one host, the best first: containerd/platforms `Ordered`. */
import { exact } from './exact.ts';
import type { Platform } from './platform.ts';

/** Which images run on a host, and which of them it prefers. */
export interface Matcher {
  readonly match: (candidate: Platform) => boolean;
  /** Does the host prefer `a` to `b`? For sorting those that match. */
  readonly less: (a: Platform, b: Platform) => boolean;
}

/** Matches what suits any of `hosts`; prefers what suits the earlier one, and there more features to fewer. */
export function ordered(hosts: readonly Platform[]): Matcher {
  const suits = hosts.map(exact);
  const less = (a: Platform, b: Platform): boolean => {
    for (const suit of suits) {
      const [first, second] = [suit(a), suit(b)];
      if (first && second) return a.osFeatures.length > b.osFeatures.length;
      if (first || second) return first;
    }
    // Nothing suits either: upstream asks again without the features, which may have been the obstacle.
    return a.osFeatures.length + b.osFeatures.length > 0 && less(bare(a), bare(b));
  };
  return { match: (candidate) => suits.some((suit) => suit(candidate)), less };
}

function bare(platform: Platform): Platform {
  return { ...platform, osFeatures: [] };
}
