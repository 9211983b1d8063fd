/** Do the platforms of an image suit the nodes that a pod can land on? None, some or all of them. */
import type { Platform } from '../../resolve/platform/platform.ts';
import type { Policy } from '../policy/schema.ts';

/** A platform that a pod can land on: of one or more nodes, or declared in the configuration. */
export interface EligiblePlatform {
  readonly platform: Platform;
  /** Does a node of this platform run `candidate`? `auto` is for it to settle, as its runtime does. */
  accepts(candidate: Platform, match: Policy['match']): boolean;
}

export type Fit = 'none' | 'some' | 'all';

export interface Fitting {
  readonly fit: Fit;
  /** Eligible platforms that nothing suits. */
  readonly missing: readonly Platform[];
}

/** `eligible` must not be empty. */
export function fitting(
  platforms: readonly Platform[],
  eligible: readonly EligiblePlatform[],
  match: Policy['match'],
): Fitting {
  const missing = eligible.filter((node) => !platforms.some((candidate) => node.accepts(candidate, match)));
  const fit = missing.length === 0 ? 'all' : missing.length < eligible.length ? 'some' : 'none';
  return { fit, missing: missing.map(({ platform }) => platform) };
}
