/** Which of an image's platforms run on a node, by the rules of the node's runtime. */
import { fallbacks } from './compat.ts';
import { normalise, normaliseArchitecture, normaliseOs } from './normalise.ts';
import type { Platform } from './platform.ts';
import { windowsVersionRuns } from './windows.ts';

/**
 * `strict`: containerd's `OnlyStrict`, as its transfer service matches; `compat`: its `Only`; `crio`: containers/image;
 * `dockerd`: `Only`, and amd64 variants that the processor may support.
 */
export type Matching = 'strict' | 'compat' | 'crio' | 'dockerd';

export interface Matcher {
  readonly match: (candidate: Platform) => boolean;
  /** Does the host prefer `a` to `b`? For sorting candidates that match. */
  readonly less: (a: Platform, b: Platform) => boolean;
}

/** The matcher of a node whose platform is `host`. */
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

/** One platform against one: containerd/platforms `NewMatcher`. os, architecture and variant must be equal. */
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

/** Matches what matches any of `hosts`; prefers the earlier one, and there more features to fewer: containerd/platforms `Ordered`. */
export function ordered(hosts: readonly Platform[]): Matcher {
  const matches = hosts.map(exact);
  const less = (a: Platform, b: Platform): boolean => {
    for (const match of matches) {
      const [first, second] = [match(a), match(b)];
      if (first && second) return a.osFeatures.length > b.osFeatures.length;
      if (first || second) return first;
    }
    // Neither matches: containerd compares again without the features, which may have been the reason.
    return a.osFeatures.length + b.osFeatures.length > 0 && less(withoutFeatures(a), withoutFeatures(b));
  };
  return { match: (candidate) => matches.some((match) => match(candidate)), less };
}

function withoutFeatures(platform: Platform): Platform {
  return { ...platform, osFeatures: [] };
}

/** `host` normalised. A version counts on Windows only: that of any other system does not decide what runs on it. */
export function matchesOs(host: Platform, candidate: Platform): boolean {
  const isWindows = host.os === 'windows';
  if (isWindows && !windowsVersionRuns(host.osVersion, candidate.osVersion)) return false;
  // Images name win32k and hosts do not: containerd leaves it out on Windows.
  return candidate.osFeatures.every(
    (feature) => host.osFeatures.includes(feature) || (isWindows && feature === 'win32k'),
  );
}

/** Prefers the earlier matches. */
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

/** containers/image compares texts as they are written, without versions and features of the operating system. */
function equals(host: Platform): (candidate: Platform) => boolean {
  return ({ os, architecture, variant }) =>
    os === host.os && architecture === host.architecture && variant === host.variant;
}

/** Variants that containers/image takes, the best first: its `WantedPlatforms`. It knows none but those of arm. */
function containersImageVariants(host: Platform): readonly string[] {
  const { architecture, variant } = normalise(host);
  if (architecture === 'arm64') return ['v8', ''];
  if (architecture !== 'arm') return [''];
  const own = Number(/^v(\d)$/.exec(variant)?.[1] ?? 7);
  const lower = ['v8', 'v7', 'v6', 'v5'].filter((each) => Number(each.slice(1)) <= own);
  return [...lower, ''];
}

/** A node does not tell its processor's level, so every level may run. */
function amd64Levels(host: Platform): readonly Platform[] {
  if (normalise(host).architecture !== 'amd64') return [];
  return ['v2', 'v3', 'v4'].map((variant) => ({ ...host, variant }));
}
