/** Version of a node's containerd, as far as the reading of its mirror configuration depends on it. */
import { newestContainerd, parseRuntimeVersion, type RuntimeVersion } from './runtime-version.ts';

export interface ContainerdVersion extends RuntimeVersion {
  /** false: neither the configuration nor a node told it, so 2.1 is assumed. */
  readonly isKnown: boolean;
  /** k3s's build, which alone knows rewrites. */
  readonly isK3s: boolean;
}

const assumed: ContainerdVersion = { ...newestContainerd, isKnown: false, isK3s: false };

/** Takes `auto`, `2.1`, `v1.7.27`, `1.7.13-k3s1` and a node's `containerd://2.0.4`; a text without a version counts as `auto`. */
export function parseContainerdVersion(text: string): ContainerdVersion {
  const version = parseRuntimeVersion(text);
  return version === null ? assumed : { ...version, isKnown: true, isK3s: text.includes('k3s') };
}
