/** Version of a node's containerd, with the facts that affect how its mirror configuration is read. */
import { newestContainerd, parseRuntimeVersion, type RuntimeVersion } from './runtime-version.ts';

export interface ContainerdVersion extends RuntimeVersion {
  /** False if neither the configuration nor a node reports the version, so that 2.1 is assumed. */
  readonly isKnown: boolean;
  /** True for k3s's build, the only one that reads rewrites. */
  readonly isK3s: boolean;
}

const assumed: ContainerdVersion = { ...newestContainerd, isKnown: false, isK3s: false };

/**
 * Parses `auto`, `2.1`, `v1.7.27`, `1.7.13-k3s1` and a node's `containerd://2.0.4`. A text without a version counts as `auto`.
 */
export function parseContainerdVersion(text: string): ContainerdVersion {
  const version = parseRuntimeVersion(text);
  return version === null ? assumed : { ...version, isKnown: true, isK3s: text.includes('k3s') };
}
