/** Version of a runtime, as far as anything depends on it. */
export interface RuntimeVersion {
  readonly major: number;
  readonly minor: number;
  /** The newest where a text names none, as `1.7` does. */
  readonly patch: number;
}

/** Is `version` `major.minor.patch` or later? */
export function isAtLeast(version: RuntimeVersion, major: number, minor: number, patch = 0): boolean {
  if (version.major !== major) return version.major > major;
  return version.minor > minor || (version.minor === minor && version.patch >= patch);
}

/** The version in `1.34`, `v28.1.1` or a node's `cri-o://1.33.2`; null if the text names none, as `auto` does. */
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

/** What is assumed of containerd where neither the configuration nor a node tells its version. */
export const newestContainerd: RuntimeVersion = { major: 2, minor: 1, patch: newestPatch };
