/** What a manifest turned out to be, platforms included: the part of an inspection that its digest settles. */
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import type { Warning } from '../../warning.ts';
import type { Inspection } from '../inspection.ts';
import type { FetchedManifest } from './fetch-manifest.ts';
import { distinct, type PlatformParts, platformsOf } from './platforms.ts';

export interface ResolvedImage {
  readonly kind: NonNullable<Inspection['kind']>;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly platforms: readonly Platform[];
  readonly platformsComplete: boolean;
  readonly rawPlatforms: readonly Platform[];
  readonly warnings: readonly Warning[];
  /** A part was missing that may turn up later. */
  readonly partial: boolean;
}

/** Rejects as `platformsOf` does. */
export async function resolveImage(
  { digest, manifest, size }: FetchedManifest,
  parts: PlatformParts,
): Promise<ResolvedImage> {
  const { raw, warnings, complete, partial } = await platformsOf(manifest, parts);
  return {
    kind: manifest.kind,
    digest,
    mediaType: manifest.mediaType,
    size,
    platforms: distinct(raw),
    platformsComplete: complete,
    rawPlatforms: raw,
    warnings,
    partial,
  };
}
