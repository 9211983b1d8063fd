/** Matchers that decide which of an image's platforms run on a node, by the rules of the node's runtime. */
import { fallbacks } from './compat.ts';
import { normalise, normaliseArchitecture, normaliseOs } from './normalise.ts';
import type { Platform } from './platform.ts';
import { windowsVersionRuns } from './windows.ts';

/**
 * `strict` is containerd's `OnlyStrict`, which its transfer service uses; `compat` is its `Only`; `crio` is the rule of
 * containers/image; `dockerd` is `Only` plus amd64 variants that the processor may support.
 */
export type Matching = 'strict' | 'compat' | 'crio' | 'dockerd';

export interface Matcher {
  readonly match: (candidate: Platform) => boolean;
  /** Returns true if the host prefers `a` to `b`. It sorts candidates that match. */
  readonly less: (a: Platform, b: Platform) => boolean;
}

/** Returns the matcher of a node whose platform is `host`. */
export function matcherFor(host: Platform, how: Matching): Matcher {
  switch (how) {
    case 'strict':
      return ordered([host]);
    case 'compat':
      return ordered(fallbacks(host));
    case 'crio':
      return anyOf(containersImageVariants(host).map((variant) => equals({ ...host, variant })));
    case 'dockerd':
      return ordered([...fallbacks(host), ...amd64Levels(host)]);
    default:
      return how satisfies never;
  }
}

/** Returns a test against one platform (containerd/platforms `NewMatcher`): os, architecture and variant must be equal. */
export function exact(host: Platform): (candidate: Platform) => boolean {
  const wanted = normalise(host);
  return (candidate) => {
    const { architecture, variant } = normaliseArchitecture(candidate.architecture, candidate.variant);
    return (
      architecture === wanted.architecture &&
      variant === wanted.variant &&
      normaliseOs(candidate.os) === wanted.os &&
      matchesOs(wanted, candidate)
    );
  };
}

/**
 * Returns a matcher for candidates that match any of `hosts`. It prefers the earlier host, then more features
 * (containerd/platforms `Ordered`).
 */
export function ordered(hosts: readonly Platform[]): Matcher {
  const matches = hosts.map(exact);
  const less = (a: Platform, b: Platform): boolean => {
    for (const match of matches) {
      const [first, second] = [match(a), match(b)];
      if (first && second) return a.osFeatures.length > b.osFeatures.length;
      if (first || second) return first;
    }
    // Neither candidate matches. containerd then compares again without the features, which may be the reason.
    return a.osFeatures.length + b.osFeatures.length > 0 && less(withoutFeatures(a), withoutFeatures(b));
  };
  return { match: (candidate) => matches.some((match) => match(candidate)), less };
}

function withoutFeatures(platform: Platform): Platform {
  return { ...platform, osFeatures: [] };
}

/**
 * Compares version and features. `host` must be normalised. The version counts on Windows only, because it decides on no other
 * system what can run.
 */
export function matchesOs(host: Platform, candidate: Platform): boolean {
  const isWindows = host.os === 'windows';
  if (isWindows && !windowsVersionRuns(host.osVersion, candidate.osVersion)) return false;
  // Images name win32k and hosts do not, so containerd ignores it on Windows.
  return candidate.osFeatures.every(
    (feature) => host.osFeatures.includes(feature) || (isWindows && feature === 'win32k'),
  );
}

/** Returns a matcher that prefers the earlier tests. */
function anyOf(matches: readonly ((candidate: Platform) => boolean)[]): Matcher {
  const rank = (candidate: Platform): number => {
    const index = matches.findIndex((match) => match(candidate));
    return index < 0 ? matches.length : index;
  };
  return {
    match: (candidate) => rank(candidate) < matches.length,
    less: (a, b) => rank(a) < rank(b),
  };
}

/**
 * Returns a test that compares the texts without normalisation and ignores versions and features of the operating system, as
 * containers/image does.
 */
function equals(host: Platform): (candidate: Platform) => boolean {
  return ({ os, architecture, variant }) =>
    os === host.os && architecture === host.architecture && variant === host.variant;
}

/** Returns the variants that containers/image accepts, the best first (its `WantedPlatforms`). It knows only those of arm. */
function containersImageVariants(host: Platform): readonly string[] {
  const { architecture, variant } = normalise(host);
  if (architecture === 'arm64') return ['v8', ''];
  if (architecture !== 'arm') return [''];
  const own = Number(/^v(\d)$/.exec(variant)?.[1] ?? 7);
  const lower = ['v8', 'v7', 'v6', 'v5'].filter((each) => Number(each.slice(1)) <= own);
  return [...lower, ''];
}

/** Returns all levels of amd64, because a node does not report the level of its processor. */
function amd64Levels(host: Platform): readonly Platform[] {
  if (normalise(host).architecture !== 'amd64') return [];
  return ['v2', 'v3', 'v4'].map((variant) => ({ ...host, variant }));
}
