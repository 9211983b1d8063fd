/** Types of the `[[registry]]` entries of registries.conf, version 2, in the form that CRI-O has after loading. */
import type { ConfigSource } from '../../endpoint.ts';

/** Kinds of references that a mirror serves. */
export type PullFromMirror = 'all' | 'digest-only' | 'tag-only';

export interface Location {
  /**
   * `host[:port][/path]` that replaces the prefix. Empty if the reference does not change, which only wildcard prefixes allow.
   */
  readonly location: string;
  /** True if CRI-O does not verify certificates and tries http after https. */
  readonly insecure: boolean;
  readonly source: ConfigSource;
}

export interface MirrorEntry extends Location {
  /** null if the file does not set it, which means `all`. */
  readonly pullFromMirror: PullFromMirror | null;
}

export interface RegistryEntry extends Location {
  /** Beginning of the references that the entry applies to: `host[:port][/path]`, or `*.example.com`. */
  readonly prefix: string;
  readonly blocked: boolean;
  readonly mirrorByDigestOnly: boolean;
  readonly mirrors: readonly MirrorEntry[];
}

/** Removes trailing slashes, which have no effect. */
export function trimLocation(text: string): string {
  return text.replace(/\/+$/, '');
}
