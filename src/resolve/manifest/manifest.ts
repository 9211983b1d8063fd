/** What a manifest body turned out to be; `decode.ts` makes these from bytes. */
import type { Platform } from '../platform/platform.ts';
import type { Digest } from '../reference/digest.ts';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly urls: readonly string[];
}

/** One entry of an index or manifest list. */
export interface IndexEntry extends Descriptor {
  /** null: the entry names none; its platform is in its own config blob. */
  readonly platform: Platform | null;
  /** `unknown/unknown`, or annotated with `vnd.docker.reference.type`: not a platform. */
  readonly attestation: boolean;
}

export type Manifest =
  | { readonly kind: 'index'; readonly mediaType: string; readonly entries: readonly IndexEntry[] }
  | { readonly kind: 'image'; readonly mediaType: string; readonly config: Descriptor }
  | { readonly kind: 'artifact'; readonly mediaType: string; readonly artifactType: string }
  | { readonly kind: 'schema1'; readonly mediaType: string; readonly platform: Platform };
