/** Layers that not every runtime can unpack, by their media types. Nothing here decides: these are warnings. */
import { clean } from '../../util/text/text.ts';
import { shortDigest } from '../reference/digest.ts';
import type { Warning } from '../warning.ts';
import type { WantedPart } from './image-contents.ts';

/** The runtime of the nodes, as far as it is known. */
export interface NodeRuntime {
  readonly name: 'containerd' | 'docker' | 'cri-o';
  /** `2.1`; null when not known. */
  readonly version: string | null;
}

// The types that containerd's `images.IsLayerType` and its differ know.
const known =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?|docker\.container\.image\.rootfs\.diff\+x-gtar)$/;
const zstd = /[.+]zstd$/;
// The first versions that read zstd layers.
const firstZstd: Readonly<Record<NodeRuntime['name'], readonly [number, number]>> = {
  containerd: [1, 5],
  docker: [23, 0],
  'cri-o': [1, 18],
};

/** At most one warning of each kind, whatever the number of layers. */
export function layerWarnings(
  parts: readonly WantedPart[],
  runtimes: readonly NodeRuntime[],
): readonly Warning[] {
  const layers = parts.filter(({ kind }) => kind === 'layer');
  const encrypted = layers.filter(({ mediaType }) => mediaType.endsWith('+encrypted'));
  const others = layers.filter(({ mediaType }) => !mediaType.endsWith('+encrypted'));
  const unknown = others.filter(({ mediaType }) => !known.test(mediaType));
  const compressed = others.filter(({ mediaType }) => known.test(mediaType) && zstd.test(mediaType));
  const old = runtimes.filter(isBeforeZstd);
  return [
    ...about(encrypted, 'Encrypted', 'is encrypted: nodes need the key and a runtime with decryption'),
    ...about(unknown, 'LayerFormat', 'has a type that container runtimes have no name for'),
    ...(old.length > 0 ? about(compressed, 'LayerFormat', zstdWords(old)) : []),
  ];
}

function about(layers: readonly WantedPart[], code: string, words: string): readonly Warning[] {
  const [first] = layers;
  if (!first) return [];
  const more = layers.length > 1 ? `, and ${layers.length - 1} more` : '';
  const message = `layer ${shortDigest(first.digest)} (${clean(first.mediaType, 128)})${more} ${words}`;
  return [{ code, message, source: null }];
}

function isBeforeZstd({ name, version }: NodeRuntime): boolean {
  const [major, minor] = firstZstd[name];
  const [, first, second = '0'] = /^v?(\d{1,4})(?:\.(\d{1,4}))?/.exec(version ?? '') ?? [];
  if (first === undefined) return false;
  return Number(first) < major || (Number(first) === major && Number(second) < minor);
}

function zstdWords(old: readonly NodeRuntime[]): string {
  const names = [...new Set(old.map(({ name, version }) => `${name} ${clean(version ?? '', 16)}`))];
  return `is compressed with zstd, which these nodes cannot unpack: ${names.join(', ')}`;
}
