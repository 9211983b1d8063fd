/** Comparison of an image's platforms with the nodes that a pod can be scheduled on: it fits none, some or all of them. */
import { formatAll } from '../../resolve/platform/format.ts';
import { matcherFor, type Matching } from '../../resolve/platform/matcher.ts';
import type { Platform } from '../../resolve/platform/platform.ts';
import type { Policy } from '../policy/schema.ts';

/** A platform of one or more eligible nodes, or one that the configuration declares. */
export interface EligiblePlatform {
  readonly platform: Platform;
  /** Tells whether a node of this platform runs `candidate`; with `auto` its runtime decides how platforms are compared. */
  accepts(candidate: Platform, matching: Policy['platformMatching']): boolean;
  /** The labels that a selector matches; undefined if they equal `platform`. */
  readonly labels?: PlatformLabels;
  /** How many nodes have it; undefined for a platform of `platforms.required`, which stands for no node in particular. */
  readonly nodes?: NodeCount;
  /** False if it is certain that the nodes do not mount images as volumes; undefined if there are no nodes. */
  readonly imageVolumes?: boolean;
}

/** Values of `kubernetes.io/os` and `kubernetes.io/arch`; null if the label is missing. */
export interface PlatformLabels {
  readonly os: string | null;
  readonly arch: string | null;
}

export interface NodeCount {
  /** 0 for nodes of `platforms.additional`, which the cluster may add. */
  readonly count: number;
  /** Name of one such node, or ''. */
  readonly example: string;
}

export type Fit = 'none' | 'some' | 'all';

export interface Fitting {
  readonly fit: Fit;
  /** The eligible platforms that the image does not run on. */
  readonly lacking: readonly EligiblePlatform[];
}

/** Makes an eligible platform; `auto` is how its nodes compare platforms. */
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

/** Returns each platform once. */
export function platformsOf(eligible: readonly EligiblePlatform[]): readonly Platform[] {
  return [...new Map(eligible.map(({ platform }) => [formatAll(platform), platform])).values()];
}
