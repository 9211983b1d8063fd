/**
 * Selection of the manifests of an index that the wanted platforms would pull, and list of the parts that an image manifest
 * names.
 */
import type { Descriptor, IndexEntry, Layer, Manifest } from '../manifest/manifest.ts';
import { exact } from '../platform/matcher.ts';
import type { Platform } from '../platform/platform.ts';
import type { PartKind, WantedPlatform } from './part.ts';

/** A part that the check must find. */
export interface WantedPart extends Descriptor {
  readonly kind: PartKind;
  readonly platform: Platform | null;
  readonly isLazy: boolean;
}

export interface SelectedEntry {
  readonly entry: IndexEntry;
  readonly platform: Platform | null;
}

// overlayfs limits the lower directories of one mount to a page of options, which containerd and dockerd count as 127.
const maxLayers = 127;

/**
 * Returns the entries that the wanted platforms would pull, each once, or all platforms if none is wanted. An entry without a
 * platform is always included, because it may match any.
 */
export function selectEntries(
  entries: readonly IndexEntry[],
  wanted: readonly WantedPlatform[],
): readonly SelectedEntry[] {
  const platforms = entries.filter(({ attestation }) => !attestation);
  if (wanted.length === 0)
    return distinctEntries(platforms.map((entry) => ({ entry, platform: entry.platform })));
  const chosen = wanted.flatMap((node) => {
    const suits = exact(node.platform);
    const named = platforms.filter((entry) => entry.platform !== null);
    const entry =
      named.find((each) => each.platform && suits(each.platform)) ??
      named.find((each) => each.platform && node.accepts(each.platform));
    return entry ? [{ entry, platform: entry.platform }] : [];
  });
  const unnamed = platforms.filter(({ platform }) => platform === null);
  return distinctEntries([...chosen, ...unnamed.map((entry) => ({ entry, platform: null }))]);
}

function distinctEntries(selected: readonly SelectedEntry[]): readonly SelectedEntry[] {
  return [...new Map(selected.map((each) => [each.entry.digest, each])).values()];
}

type Image = Extract<Manifest, { kind: 'image' }>;

/** Returns `TooManyLayers`, `Malformed` if a layer's descriptor cannot be read, or null if the image has no such flaw. */
export function flawOf({ layers }: Image): 'TooManyLayers' | 'Malformed' | null {
  if (layers.length > maxLayers) return 'TooManyLayers';
  return layers.includes(null) ? 'Malformed' : null;
}

/** Returns the configuration, then the layers in order. */
export function partsOf({ config, layers }: Image, platform: Platform | null): readonly WantedPart[] {
  const known = layers.filter((layer): layer is Layer => layer !== null);
  return [
    { ...config, kind: 'config', platform, isLazy: false },
    ...known.map((layer) => ({ ...layer, kind: 'layer' as const, platform })),
  ];
}
