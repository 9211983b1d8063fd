/** Manifest → platforms. An index tells its own; only what it leaves out is fetched, within bounds (rules 5 and 6). */

import type { Descriptor, IndexEntry, Manifest } from '../../manifest/manifest.ts';
import { formatAll } from '../../platform/format.ts';
import { normalise } from '../../platform/normalise.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Warning } from '../../warning.ts';

/** Where the parts of an image come from. Each method throws what it likes when the part is not to be had. */
export interface PlatformParts {
  /** null: nothing that can be read as a manifest. */
  manifest(child: Descriptor): Promise<Manifest | null>;
  /** The platform in a config blob; null: none that can be read. */
  platform(config: Descriptor): Promise<Platform | null>;
  /** Is this what a method throws for a part that is certainly nowhere? */
  isAbsent(error: unknown): boolean;
}

export interface PlatformsFound {
  /** As written, in manifest order, without attestations. */
  readonly raw: readonly Platform[];
  readonly warnings: readonly Warning[];
  /** Every part that tells a platform was read. */
  readonly complete: boolean;
  /** A part was missing that somebody may push later: not to be remembered for ever. */
  readonly partial: boolean;
}

// Real indexes nest once, if at all, and leave out the platform of one or two entries.
const maxDepth = 3;
const maxFetched = 16;

/** Rejects with what `parts` threw, unless it is an index entry that is certainly nowhere. */
export async function platformsOf(manifest: Manifest, parts: PlatformParts): Promise<PlatformsFound> {
  const walk = new Walk(parts);
  await walk.manifest(manifest, 0);
  return {
    raw: walk.raw,
    warnings: walk.warnings,
    complete: walk.warnings.length === 0,
    partial: walk.partial,
  };
}

/** One spelling each, without duplicates, in order. */
export function distinct(raw: readonly Platform[]): readonly Platform[] {
  const known = new Map<string, Platform>();
  for (const platform of raw.map(normalise)) {
    const text = formatAll(platform);
    if (!known.has(text)) known.set(text, platform);
  }
  return [...known.values()];
}

class Walk {
  readonly raw: Platform[] = [];
  readonly warnings: Warning[] = [];
  partial = false;
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
        this.raw.push(manifest.platform);
        return;
      case 'artifact':
        return;
      default:
        return manifest satisfies never;
    }
  }

  async #config(config: Descriptor): Promise<void> {
    const platform = await this.#parts.platform(config);
    if (platform) this.raw.push(platform);
    else this.#unknown(`the config blob ${config.digest} names no platform`);
  }

  async #entry(entry: IndexEntry, depth: number): Promise<void> {
    if (entry.attestation) return;
    if (entry.platform) {
      this.raw.push(entry.platform);
      return;
    }
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
      this.partial = true;
      this.#unknown(`index entry ${entry.digest} is missing, or a part of it`);
    }
  }

  #unknown(message: string): void {
    this.warnings.push({ code: 'PlatformUnknown', message, source: null });
  }
}
