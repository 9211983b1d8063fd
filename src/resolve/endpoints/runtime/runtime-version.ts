/** Version of a runtime, as far as anything depends on it. */
export interface RuntimeVersion {
  readonly major: number;
  readonly minor: number;
}

/** Is `version` `major.minor` or later? */
export function isAtLeast(version: RuntimeVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** The version in `1.34`, `v28.1.1` or a node's `cri-o://1.33.2`; null if the text names none, as `auto` does. */
export function parseRuntimeVersion(text: string): RuntimeVersion | null {
  const found = /^(?:[a-z-]+:\/\/)?v?(\d{1,4})\.(\d{1,4})(?!\d)/.exec(text);
  return found && { major: Number(found[1]), minor: Number(found[2]) };
}
