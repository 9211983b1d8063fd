/** Platforms of a manifest. An index lists its own; only platforms that it omits are fetched, within limits. */

import type { ImageConfig } from '../../manifest/decode.ts';
import type { Descriptor, IndexEntry, Manifest } from '../../manifest/manifest.ts';
import { formatAll } from '../../platform/format.ts';
import { normalise } from '../../platform/normalise.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Warning } from '../../warning.ts';

/** Source of the parts of an image. Its methods reject if a part is not available. */
export interface PlatformParts {
  /** Returns null if the part is not a manifest. */
  manifest(child: Descriptor): Promise<Manifest | null>;
  /** Returns null if the part is not an image config. */
  config(config: Descriptor): Promise<ImageConfig | null>;
  /** Returns true for a rejection that means that no endpoint has the part. */
  isAbsent(error: unknown): boolean;
}

export interface PlatformsFound {
  /** Platforms as written, in the order of the manifest, without attestations. */
  readonly raw: readonly Platform[];
  readonly warnings: readonly Warning[];
  /** True if every part that names a platform was read. */
  readonly complete: boolean;
  /** True if a part was missing that may be pushed later, so that the result must not be cached for ever. */
  readonly isPartial: boolean;
}

// Real indexes nest once, if at all, and omit the platform of one or two entries; the limits leave room for more.
const maxDepth = 3;
const maxFetched = 16;
// Docker's official images have at most 20 platforms. A hostile index of 4 MiB has 2,000, which would fill the cache.
const maxPlatforms = 256;
const maxWarnings = 16;

/** Reads the platforms. Rejects with the rejection of `parts`, unless it concerns an index entry that no endpoint has. */
export async function readPlatforms(manifest: Manifest, parts: PlatformParts): Promise<PlatformsFound> {
  const walk = new ManifestWalk(parts);
  await walk.manifest(manifest, 0);
  return {
    raw: walk.raw,
    warnings: walk.warnings,
    complete: walk.complete,
    isPartial: walk.isPartial,
  };
}

/** Normalises platforms and removes duplicates; keeps the order. */
export function distinct(raw: readonly Platform[]): readonly Platform[] {
  const known = new Map<string, Platform>();
  for (const platform of raw.map(normalise)) {
    const text = formatAll(platform);
    if (!known.has(text)) known.set(text, platform);
  }
  return [...known.values()];
}

class ManifestWalk {
  readonly raw: Platform[] = [];
  readonly warnings: Warning[] = [];
  complete = true;
  isPartial = false;
  #isFull = false;
  readonly #parts: PlatformParts;
  #fetched = 0;

  constructor(parts: PlatformParts) {
    this.#parts = parts;
  }

  async manifest(manifest: Manifest, depth: number): Promise<void> {
    switch (manifest.kind) {
      case 'index':
        for (const entry of manifest.entries) await this.#entry(entry, depth + 1);
        return;
      case 'image':
        return await this.#config(manifest.config);
      case 'schema1':
        return this.#add(manifest.platform);
      case 'artifact':
        return;
      default:
        return manifest satisfies never;
    }
  }

  async #config(config: Descriptor): Promise<void> {
    const found = await this.#parts.config(config);
    if (found === null) return this.#unknown(`the config blob ${config.digest} names no platform`);
    // The architecture of an operator bundle is that of the machine that built it.
    if (found.isOperatorBundle) this.complete = false;
    else this.#add(found.platform);
  }

  async #entry(entry: IndexEntry, depth: number): Promise<void> {
    if (entry.attestation) return;
    if (entry.platform) return this.#add(entry.platform);
    if (depth > maxDepth || this.#fetched === maxFetched) {
      this.#unknown(
        `index entry ${entry.digest} names no platform and is nested too deep, or is one of too many`,
      );
      return;
    }
    this.#fetched++;
    await this.#child(entry, depth);
  }

  async #child(entry: IndexEntry, depth: number): Promise<void> {
    try {
      const manifest = await this.#parts.manifest(entry);
      if (manifest) await this.manifest(manifest, depth);
      else this.#unknown(`index entry ${entry.digest} names no platform and cannot be read`);
    } catch (error) {
      if (!this.#parts.isAbsent(error)) throw error;
      this.isPartial = true;
      this.#unknown(`index entry ${entry.digest} is missing, or a part of it`);
    }
  }

  #add(platform: Platform): void {
    if (this.raw.length < maxPlatforms) this.raw.push(platform);
    else if (!this.#isFull) {
      this.#isFull = true;
      this.#unknown(`it names more than ${maxPlatforms} platforms; the others are not read`);
    }
  }

  #unknown(message: string): void {
    this.complete = false;
    if (this.warnings.length < maxWarnings)
      this.warnings.push({ code: 'PlatformUnknown', message, source: null });
  }
}
