/** Version of a node's containerd, as far as the reading of its mirror configuration depends on it. */
import {
  isAtLeast,
  newestContainerd,
  parseRuntimeVersion,
  type RuntimeVersion,
} from '../runtime/runtime-version.ts';

export interface ContainerdVersion extends RuntimeVersion {
  /** false: neither the configuration nor a node told it, so 2.1 is assumed. */
  readonly isKnown: boolean;
  /** k3s's build, which alone knows rewrites. */
  readonly isK3s: boolean;
}

/** What `auto` means when no node tells. */
const assumed: ContainerdVersion = { ...newestContainerd, isKnown: false, isK3s: false };

/** Takes `auto`, `2.1`, `v1.7.27`, `1.7.13-k3s1` and a node's `containerd://2.0.4`; what names no version counts as `auto`. */
export function parseVersion(text: string): ContainerdVersion {
  const version = parseRuntimeVersion(text.replace(/^containerd:\/\//, ''));
  return version === null ? assumed : { ...version, isKnown: true, isK3s: text.includes('k3s') };
}

/** Said of every `rewrite` table that a node might not read. */
export const rewriteExtension =
  "only k3s's build of containerd reads rewrite, and Pratique follows it; any other asks for the repository as it is";

/** Versions that stand for all that read a configuration alike, by what is told apart here: each minor that changed something. */
const lines = ['1.7', '2.0', '2.1'] as const;
const builds = ['', '-k3s'] as const;

/** Every version that a configuration may be read as. */
export const versionLines: readonly string[] = lines.flatMap((line) => builds.map((build) => line + build));

/** The one of `versionLines` that a node's `containerd://1.7.27` belongs to. */
export function versionLineOf(runtime: string): string {
  const version = parseVersion(runtime);
  const line = isAtLeast(version, 2, 1) ? '2.1' : isAtLeast(version, 2, 0) ? '2.0' : '1.7';
  return version.isK3s ? `${line}-k3s` : line;
}
