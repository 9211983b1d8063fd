/** Types of a decoded manifest; `decode.ts` creates it from bytes. */
import type { Platform } from '../platform/platform.ts';
import type { Digest } from '../reference/digest.ts';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Length in bytes. */
  readonly size: number;
  readonly urls: readonly string[];
}

/** One layer of an image. */
export interface Layer extends Descriptor {
  /** True for eStargz, which a node can read lazily if the server honours `Range`. */
  readonly isLazy: boolean;
}

/** One entry of an index or manifest list. */
export interface IndexEntry extends Descriptor {
  /** null if the entry has none; the platform is then in the child's config blob. */
  readonly platform: Platform | null;
  /** True for `unknown/unknown` and for entries annotated with `vnd.docker.reference.type`, which are not platforms. */
  readonly attestation: boolean;
}

export type Manifest =
  | {
      readonly kind: 'index';
      readonly mediaType: string;
      readonly entries: readonly IndexEntry[];
      readonly hasSwappedType: boolean;
    }
  | {
      readonly kind: 'image';
      readonly mediaType: string;
      readonly config: Descriptor;
      /**
       * Layers in the order of the manifest; null for a layer that no runtime could fetch, because its descriptor cannot be
       * read.
       */
      readonly layers: readonly (Layer | null)[];
      /** True if docker and OCI types are mixed: the declared type with the body's, or the manifest's with its config's. */
      readonly hasSwappedType: boolean;
    }
  | { readonly kind: 'artifact'; readonly mediaType: string; readonly artifactType: string }
  | { readonly kind: 'schema1'; readonly mediaType: string; readonly platform: Platform };

/** A manifest with its verified digest. */
export interface FetchedManifest {
  readonly digest: Digest;
  readonly manifest: Manifest;
  /** Length of the body in bytes. */
  readonly size: number;
}
