/**
 * Comparison of an image's platforms with the nodes that a pod can be scheduled on: the image runs on none,
 * some or all of them.
 */
import { formatAll } from '../../resolve/platform/format.ts';
import { matcherFor, type Matching } from '../../resolve/platform/matcher.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import type { Policy } from '../policy/schema.ts';

/** Platform of one or more eligible nodes, or one that the configuration declares. */
export interface EligiblePlatform {
  readonly platform: Platform;
  /**
   * Returns true if a node of this platform runs `candidate`. With `auto` the node's runtime decides how
   * platforms are compared.
   */
  accepts(candidate: Platform, matching: Policy['platformMatching']): boolean;
  /** Labels that a node selector matches; undefined if they equal `platform`. */
  readonly labels?: PlatformLabels;
  /**
   * Number of nodes with this platform; undefined for an entry of `platforms.required`, which is not counted
   * in nodes.
   */
  readonly nodes?: NodeCount;
  /**
   * False if it is certain that the nodes do not mount images as volumes; undefined if there are no nodes.
   */
  readonly imageVolumes?: boolean;
}

/** Values of `kubernetes.io/os` and `kubernetes.io/arch`; null if the label is missing. */
export interface PlatformLabels {
  readonly os: string | null;
  readonly arch: string | null;
}

export interface NodeCount {
  /** Number of nodes; 0 for `platforms.additional`, whose nodes the cluster may add. */
  readonly count: number;
  /** Name of one such node, or ''. */
  readonly example: string;
}

export type Fit = 'none' | 'some' | 'all';

export interface Fitting {
  readonly fit: Fit;
  /** The eligible platforms on which the image does not run. */
  readonly lacking: readonly EligiblePlatform[];
}

/** Returns an eligible platform. `auto` is how its nodes compare platforms. */
export function eligiblePlatform(platform: Platform, auto: Matching): EligiblePlatform {
  const matchers = {
    auto: matcherFor(platform, auto),
    strict: matcherFor(platform, 'strict'),
    compat: matcherFor(platform, 'compat'),
  };
  return {
    platform,
    accepts: (candidate, matching) => matchers[matching].match(candidate),
  };
}

/** Compares the platforms of an image with `eligible`, which must not be empty. */
export function fitting(
  platforms: readonly Platform[],
  eligible: readonly EligiblePlatform[],
  matching: Policy['platformMatching'],
): Fitting {
  const lacking = eligible.filter(
    (node) => !platforms.some((candidate) => node.accepts(candidate, matching)),
  );
  const fit = lacking.length === 0 ? 'all' : lacking.length < eligible.length ? 'some' : 'none';
  return { fit, lacking };
}

/** Returns each distinct platform once. */
export function platformsOf(eligible: readonly EligiblePlatform[]): readonly Platform[] {
  return [...new Map(eligible.map(({ platform }) => [formatAll(platform), platform])).values()];
}
