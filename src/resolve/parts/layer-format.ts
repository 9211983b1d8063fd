/** Warnings about layers whose media types not every runtime can unpack. They do not change the result. */
import { clean } from '../../util/text/text.ts';
import type { RuntimeProfile } from '../endpoints/runtime/runtime-profile.ts';
import { shortDigest } from '../reference/digest.ts';
import type { Warning } from '../warning.ts';
import type { WantedPart } from './image-contents.ts';

// Types that containerd's `images.IsLayerType` and its differ know.
const known =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?|docker\.container\.image\.rootfs\.diff\+x-gtar)$/;
const zstd = /[.+]zstd$/;
/** Returns at most one warning of each kind, whatever the number of layers. */
export function layerWarnings(
  parts: readonly WantedPart[],
  profiles: readonly RuntimeProfile[],
): readonly Warning[] {
  const layers = parts.filter(({ kind }) => kind === 'layer');
  const encrypted = layers.filter(({ mediaType }) => mediaType.endsWith('+encrypted'));
  const others = layers.filter(({ mediaType }) => !mediaType.endsWith('+encrypted'));
  const unknown = others.filter(({ mediaType }) => !known.test(mediaType));
  const compressed = others.filter(({ mediaType }) => known.test(mediaType) && zstd.test(mediaType));
  const old = profiles.filter(({ unpacksZstd }) => unpacksZstd === false);
  return [
    ...about(encrypted, 'Encrypted', 'is encrypted: nodes need the key and a runtime with decryption'),
    ...about(unknown, 'LayerFormat', 'has a type that container runtimes have no name for'),
    ...(old.length > 0 ? about(compressed, 'LayerFormat', zstdWords(old)) : []),
  ];
}

function about(layers: readonly WantedPart[], code: string, problem: string): readonly Warning[] {
  const [first] = layers;
  if (!first) return [];
  const more = layers.length > 1 ? `, and ${layers.length - 1} more` : '';
  const message = `layer ${shortDigest(first.digest)} (${clean(first.mediaType, 128)})${more} ${problem}`;
  return [{ code, message, source: null }];
}

function zstdWords(old: readonly RuntimeProfile[]): string {
  const names = [...new Set(old.map(({ label }) => label))];
  return `is compressed with zstd, which these nodes cannot unpack: ${names.join(', ')}`;
}
