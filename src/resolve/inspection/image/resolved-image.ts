/** A manifest with its platforms: the part of an inspection that depends on the digest alone. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { Warning } from '../../warning.ts';
import type { ImageContent, Inspection } from '../inspection.ts';
import type { FetchedManifest } from '../../manifest/manifest.ts';
import { distinct, type PlatformParts, readPlatforms } from './platforms.ts';

export interface ResolvedImage {
  readonly kind: NonNullable<Inspection['kind']>;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Length of the manifest in bytes. */
  readonly size: number;
  readonly platforms: readonly Platform[];
  readonly platformsComplete: boolean;
  readonly rawPlatforms: readonly Platform[];
  /** All manifests of the image; null if there are too many or the manifest lists none. */
  readonly contents: readonly ImageContent[] | null;
  readonly warnings: readonly Warning[];
  /** True if a part was missing that may be pushed later. */
  readonly isPartial: boolean;
}

/** An image as one endpoint serves it. */
export interface ImageAtEndpoint {
  readonly endpoint: Endpoint;
  readonly image: ResolvedImage;
}

/** Reads the platforms of a manifest. Rejects in the same cases as `readPlatforms`. */
export async function resolveImage(
  { digest, manifest, size }: FetchedManifest,
  parts: PlatformParts,
): Promise<ResolvedImage> {
  const { raw, warnings, complete, isPartial } = await readPlatforms(manifest, parts);
  return {
    kind: manifest.kind,
    digest,
    mediaType: manifest.mediaType,
    size,
    platforms: distinct(raw),
    platformsComplete: complete,
    rawPlatforms: raw,
    contents: contentsOf(digest, manifest),
    warnings,
    isPartial,
  };
}

// 32: Docker's official images have at most 20.
const maxContents = 32;

function contentsOf(digest: Digest, manifest: Manifest): readonly ImageContent[] | null {
  switch (manifest.kind) {
    case 'image':
      return [{ manifest: digest, platform: null, config: manifest.config.digest }];
    case 'index': {
      const entries = manifest.entries.filter(({ attestation }) => !attestation);
      if (entries.length > maxContents) return null;
      return entries.map((entry) => ({ manifest: entry.digest, platform: entry.platform, config: null }));
    }
    case 'artifact':
    case 'schema1':
      return null;
    default:
      return manifest satisfies never;
  }
}
