/** `[[registry]]` entries of registries.conf, version 2, as CRI-O has them after loading. */
import type { ConfigSource } from '../../endpoint.ts';

/** Which references a mirror is for. */
export type PullFromMirror = 'all' | 'digest-only' | 'tag-only';

export interface Location {
  /** `host[:port][/path]` that replaces the prefix; empty: the reference stays as it is (wildcard prefixes only). */
  readonly location: string;
  /** Certificates are not verified, and http is tried after https. */
  readonly insecure: boolean;
  readonly source: ConfigSource;
}

export interface MirrorEntry extends Location {
  /** null if the file does not set it, which means `all`. */
  readonly pullFromMirror: PullFromMirror | null;
}

export interface RegistryEntry extends Location {
  /** Beginning of the references it is for: `host[:port][/path]`, or `*.example.com`. */
  readonly prefix: string;
  readonly blocked: boolean;
  readonly mirrorByDigestOnly: boolean;
  readonly mirrors: readonly MirrorEntry[];
}

/** Removes trailing slashes, which have no effect. */
export function trimLocation(text: string): string {
  return text.replace(/\/+$/, '');
}
