/** Version of a runtime, without parts that no behaviour depends on. */
export interface RuntimeVersion {
  readonly major: number;
  readonly minor: number;
  /** The newest patch if a text names none, as in `1.7`. */
  readonly patch: number;
}

/** Returns true if `version` is `major.minor.patch` or later. */
export function isAtLeast(version: RuntimeVersion, major: number, minor: number, patch = 0): boolean {
  if (version.major !== major) return version.major > major;
  return version.minor > minor || (version.minor === minor && version.patch >= patch);
}

/** Parses the version in `1.34`, `v28.1.1` or a node's `cri-o://1.33.2`. Returns null if the text has none, as in `auto`. */
export function parseRuntimeVersion(text: string): RuntimeVersion | null {
  const found = /^(?:[a-z-]+:\/\/)?v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?(?!\d)/.exec(text);
  if (!found) return null;
  const [, major, minor, patch] = found;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? newestPatch : Number(patch),
  };
}

const newestPatch = 999_999;

/** Version of containerd that is assumed if neither the configuration nor a node reports one. */
export const newestContainerd: RuntimeVersion = { major: 2, minor: 1, patch: newestPatch };
