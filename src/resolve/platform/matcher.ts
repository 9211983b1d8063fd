/** The matcher of a node: which of an image's platforms run there. */
import { fallbacks } from './compat.ts';
import { type Matcher, ordered } from './ordered.ts';
import type { Platform } from './platform.ts';

/** `strict`: containerd's `OnlyStrict`, as its transfer service matches since 2.1; `compat`: its `Only`. */
export type Matching = 'strict' | 'compat';

/** For a node of platform `host`; `compat` also lets arm64 run arm/v7, amd64 run 386 and lower variants. */
export function matcherFor(host: Platform, how: Matching): Matcher {
  return ordered(how === 'strict' ? [host] : fallbacks(host));
}
