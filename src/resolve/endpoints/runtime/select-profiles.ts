/**
 * Selection of the profiles that the nodes of a mirror list may have. There is one profile if version and configuration
 * determine it. Otherwise there are several, the assumed one first, and a problem that only some of them have causes a
 * warning, never a denial.
 */
import { type ContainerdVersion, parseContainerdVersion } from './containerd-version.ts';
import { runtimeProduct } from './runtime-line.ts';
import { allProfiles, type RuntimeProfile, runtimeProfile } from './runtime-profile.ts';
import { isAtLeast, parseRuntimeVersion, type RuntimeVersion } from './runtime-version.ts';

/**
 * Returns containerd's profiles. `pullsLocally` is true if the configuration makes containerd 2.1 and later pull without the
 * transfer service.
 */
export function containerdProfiles(
  version: ContainerdVersion,
  pullsLocally: boolean,
): readonly RuntimeProfile[] {
  const known = version.isKnown ? version : null;
  if (pullsLocally) return [runtimeProfile('containerd-local', known)];
  if (known === null) {
    return [runtimeProfile('containerd-transfer', null), runtimeProfile('containerd-local', null)];
  }
  return [runtimeProfile(isAtLeast(known, 2, 1) ? 'containerd-transfer' : 'containerd-local', known)];
}

/**
 * Returns CRI-O's profiles. `version` is null if neither the configuration nor a node reports it; the newest is then assumed.
 */
export function crioProfiles(version: RuntimeVersion | null): readonly RuntimeProfile[] {
  if (version === null) {
    return [runtimeProfile('crio-since-1.34', null), runtimeProfile('crio-until-1.33', null)];
  }
  return [runtimeProfile(isAtLeast(version, 1, 34, 1) ? 'crio-since-1.34' : 'crio-until-1.33', version)];
}

export function dockerdProfiles(
  containerdStore: boolean,
  version: RuntimeVersion | null,
): readonly RuntimeProfile[] {
  return [runtimeProfile(containerdStore ? 'dockerd-store' : 'dockerd-graph', version)];
}

/** Returns the platform matching of all `profiles`; `strict`, which accepts the fewest platforms, if they differ. */
export function commonPlatformMatching(
  profiles: readonly RuntimeProfile[],
): RuntimeProfile['platformMatching'] {
  const [first, ...others] = new Set(profiles.map(({ platformMatching }) => platformMatching));
  return first === undefined || others.length > 0 ? 'strict' : first;
}

/**
 * Returns the platform matching of a node's runtime; `compat`, which accepts the most platforms, if the runtime is unknown.
 */
export function platformMatchingOf(runtime: string): RuntimeProfile['platformMatching'] {
  const [assumed] = profilesOfRuntime(runtime);
  return runtimeProduct(runtime) === null || assumed === undefined ? 'compat' : assumed.platformMatching;
}

/**
 * Returns the profiles of a node's `containerRuntimeVersion` with a default configuration; every profile if the runtime is
 * unknown.
 */
export function profilesOfRuntime(runtime: string): readonly RuntimeProfile[] {
  const product = runtimeProduct(runtime);
  if (product === null) return allProfiles;
  const version = parseRuntimeVersion(runtime);
  switch (product) {
    case 'containerd':
      return containerdProfiles(parseContainerdVersion(runtime), false);
    case 'cri-o':
      return crioProfiles(version);
    case 'docker':
      return [runtimeProfile('dockerd-graph', version), runtimeProfile('dockerd-store', version)];
    default:
      return product satisfies never;
  }
}
