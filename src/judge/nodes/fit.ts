/** Do the platforms of an image suit the nodes that a pod can land on? None, some or all of them. */
import { formatAll } from '../../resolve/platform/format.ts';
import { matcherFor } from '../../resolve/platform/matcher.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import type { Policy } from '../policy/schema.ts';

/** A platform that a pod can land on: of one or more nodes, or declared in the configuration. */
export interface EligiblePlatform {
  readonly platform: Platform;
  /** Does a node of this platform run `candidate`? `auto` is for it to settle, as its runtime does. */
  accepts(candidate: Platform, match: Policy['platformMatching']): boolean;
  /** What a selector finds these nodes by; undefined: by `platform`, as all nodes are labelled. */
  readonly labels?: PlatformLabels;
  /** Undefined: a platform that is required of the image, of no nodes in particular. */
  readonly nodes?: NodeCount;
}

/** Values of `kubernetes.io/os` and `kubernetes.io/arch`; null: the label is not there. */
export interface PlatformLabels {
  readonly os: string | null;
  readonly arch: string | null;
}

export interface NodeCount {
  /** 0: they may come, and nobody has seen any. */
  readonly count: number;
  /** Name of one of them, else ''. */
  readonly example: string;
}

export type Fit = 'none' | 'some' | 'all';

export interface Fitting {
  readonly fit: Fit;
  /** Those of `eligible` that nothing suits. */
  readonly lacking: readonly EligiblePlatform[];
}

/** A platform whose nodes, where it is left to them, match strictly or not. */
export function eligiblePlatform(platform: Platform, auto: 'strict' | 'compat'): EligiblePlatform {
  const matchers = { strict: matcherFor(platform, 'strict'), compat: matcherFor(platform, 'compat') };
  return {
    platform,
    accepts: (candidate, match) => matchers[match === 'auto' ? auto : match].match(candidate),
  };
}

/** `eligible` must not be empty. */
export function fitting(
  platforms: readonly Platform[],
  eligible: readonly EligiblePlatform[],
  match: Policy['platformMatching'],
): Fitting {
  const lacking = eligible.filter((node) => !platforms.some((candidate) => node.accepts(candidate, match)));
  const fit = lacking.length === 0 ? 'all' : lacking.length < eligible.length ? 'some' : 'none';
  return { fit, lacking };
}

/** Each platform once. */
export function platformsOf(eligible: readonly EligiblePlatform[]): readonly Platform[] {
  return [...new Map(eligible.map(({ platform }) => [formatAll(platform), platform])).values()];
}
