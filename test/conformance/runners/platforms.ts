/** platforms.json: containerd/platforms, composed of what Pratique itself matches nodes with. */
import { formatAll, formatPlatform } from '../../../src/resolve/platform/format.ts';
import {
  exact,
  type Matcher,
  matcherFor,
  matchesOs,
  ordered,
} from '../../../src/resolve/platform/matcher.ts';
import { normalise } from '../../../src/resolve/platform/normalise.ts';
import { parsePlatform } from '../../../src/resolve/platform/parse.ts';
import type { Platform } from '../../../src/resolve/platform/platform.ts';
import { windowsVersionRuns } from '../../../src/resolve/platform/windows.ts';
import { type Case, equal, equalOrThrow, type Outcome, type Runner } from '../runner.ts';

interface Oci {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

type Hosted = Case & { readonly matcher: string; readonly host: Oci };

export const runner: Runner = {
  parse,
  formatAll: (vector: Case & { platform: Oci }) => equal(vector.want, formatAll(read(vector.platform))),
  normalize: (vector: Case & { platform: Oci }) =>
    equal(vector.want, written(normalise(read(vector.platform)))),
  match: (vector: Hosted & { platform: Oci }) =>
    equal(vector.want, matcher(vector).match(read(vector.platform))),
  windowsBuild: (vector: Case & { hostBuild: number; containerBuild: number }) =>
    equal(vector.want, windowsVersionRuns(`10.0.${vector.hostBuild}`, `10.0.${vector.containerBuild}`)),
  order: (vector: Hosted & { platforms: readonly Oci[] }) =>
    equal(vector.want, sorted(vector.platforms.map(read), matcher(vector)).map(written)),
  select,
};

function parse(vector: Case & { input: string; default?: Oci }): Outcome {
  const { want, format, formatAll: all, normalized } = vector;
  if (vector.error !== undefined) return equalOrThrow(vector, () => parsePlatform(vector.input));
  const platform = parsePlatform(vector.input, vector.default && read(vector.default));
  const got = {
    want: written(platform),
    format: formatPlatform(platform),
    formatAll: formatAll(platform),
    normalized: written(normalise(platform)),
  };
  return equal({ want, format, formatAll: all, normalized }, got);
}

function select(vector: Hosted & { platforms: readonly Oci[]; allMatches?: readonly number[] }): Outcome {
  const platforms = vector.platforms.map(read);
  const by = matcher(vector);
  const order = sorted(platforms.filter(by.match), by).map((platform) => platforms.indexOf(platform));
  const allMatches = vector.allMatches === undefined ? {} : { allMatches: order };
  return equal(
    { want: vector.want, ...(vector.allMatches === undefined ? {} : { allMatches: vector.allMatches }) },
    { want: order[0] ?? null, ...allMatches },
  );
}

function matcher(vector: Hosted): Matcher {
  const host = read(vector.host);
  switch (vector.matcher) {
    case 'Only':
      return matcherFor(host, 'compat');
    case 'OnlyStrict':
      return matcherFor(host, 'strict');
    // These do not differ for a single platform.
    case 'NewMatcher':
    case 'Ordered':
    case 'Any':
      return ordered([host]);
    case 'OnlyOS':
      return onlyOs(host);
    case 'WindowsNode':
      return windowsNode(host);
    default:
      throw new Error(`unknown matcher ${vector.matcher}`);
  }
}

function onlyOs(host: Platform): Matcher {
  const wanted = normalise(host);
  const match = (candidate: Platform): boolean =>
    normalise(candidate).os === wanted.os && matchesOs(wanted, candidate);
  const less = (a: Platform, b: Platform): boolean => match(a) && (!match(b) || ordered([host]).less(a, b));
  return { match, less };
}

/** `windowsMatchComparer`, which only a daemon on Windows uses: versions compared as text, highest first. */
function windowsNode(host: Platform): Matcher {
  const match = exact(host);
  const less = (a: Platform, b: Platform): boolean => match(a) && (!match(b) || a.osVersion > b.osVersion);
  return { match, less };
}

function sorted(platforms: readonly Platform[], { less }: Matcher): Platform[] {
  return platforms.toSorted((a, b) => Number(less(b, a)) - Number(less(a, b)));
}

function read(platform: Oci): Platform {
  return {
    os: platform.os,
    architecture: platform.architecture,
    variant: platform.variant ?? '',
    osVersion: platform['os.version'] ?? '',
    osFeatures: platform['os.features'] ?? [],
  };
}

function written(platform: Platform): Oci {
  return {
    os: platform.os,
    architecture: platform.architecture,
    ...(platform.variant === '' ? {} : { variant: platform.variant }),
    ...(platform.osVersion === '' ? {} : { 'os.version': platform.osVersion }),
    ...(platform.osFeatures.length === 0 ? {} : { 'os.features': platform.osFeatures }),
  };
}
