/** Which manifests of an index the wanted platforms would pull, and which parts an image manifest names. */
import type { Descriptor, IndexEntry, Layer, Manifest } from '../manifest/manifest.ts';
import { exact } from '../platform/matcher.ts';
import type { Platform } from '../platform/platform.ts';
import type { PartKind, WantedPlatform } from './part.ts';

/** A part to look for. */
export interface WantedPart extends Descriptor {
  readonly kind: PartKind;
  readonly platform: Platform | null;
  readonly isLazy: boolean;
}

export interface SelectedEntry {
  readonly entry: IndexEntry;
  readonly platform: Platform | null;
}

// overlayfs takes no more lower directories in one mount than fit a page, which containerd and dockerd count as 127.
const maxLayers = 127;

/**
 * The entries that the wanted platforms would pull, each once; all that are platforms when none is wanted. An entry that names
 * no platform may be any: it is looked for too.
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

/** `TooManyLayers`, or `Malformed` for a layer that cannot be read; null when its parts can be looked for. */
export function flawOf({ layers }: Image): 'TooManyLayers' | 'Malformed' | null {
  if (layers.length > maxLayers) return 'TooManyLayers';
  return layers.includes(null) ? 'Malformed' : null;
}

/** The configuration, then the layers in order. */
export function partsOf({ config, layers }: Image, platform: Platform | null): readonly WantedPart[] {
  const known = layers.filter((layer): layer is Layer => layer !== null);
  return [
    { ...config, kind: 'config', platform, isLazy: false },
    ...known.map((layer) => ({ ...layer, kind: 'layer' as const, platform })),
  ];
}
