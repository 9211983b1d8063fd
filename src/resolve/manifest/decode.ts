/** Manifest decoder. The body's own media type and its members determine the kind. */
import { clean, cut } from '../../util/text/text.ts';
import type { Platform } from '../platform/platform.ts';
import { isDigest } from '../reference/digest.ts';
import { ManifestError } from './error.ts';
import {
  has,
  type JsonObject,
  object,
  objects,
  parseObject,
  quantity,
  stringMember,
  stringMembers,
} from './json.ts';
import type { Descriptor, IndexEntry, Layer, Manifest } from './manifest.ts';
import * as types from './media-types.ts';
import { digestedBytes } from './signed.ts';

// 2048: the largest public indexes have a few dozen entries.
const maxEntries = 2048;
const maxUrls = 16;
const maxFeatures = 64;
// 16 features: platforms are cached for every image, so their size is limited. Real words have less than 32 characters.
const keptFeatures = 16;
// 1024 layers are more than any runtime can stack, so that an image with too many is recognised.
const maxLayers = 1024;
const stargzToc = 'containerd.io/snapshot/stargz/toc.digest';
const maxWord = 128;
// Docker before 1.10 used this type for image configs; moby and containerd still run such images.
const legacyConfig = 'application/octet-stream';
// Label of operator bundles (operator-framework/operator-registry, docs/design/operator-bundle.md).
const bundleLabel = 'operators.operatorframework.io.bundle.mediatype.v1';
// Types of layers that a runtime unpacks. Artifacts such as cosign's signatures have an image config and layers of other
// types.
const layerType =
  /^(?:application\/vnd\.(?:oci\.image\.layer\.|docker\.(?:image\.rootfs|container\.image\.rootfs)\.).*|application\/octet-stream|)$/;
const imageConfigs: ReadonlySet<string> = new Set([types.ociConfig, types.dockerConfig, legacyConfig, '']);

/**
 * Decodes a manifest of any kind. `declared` is the `Content-Type` without parameters. A type that is not a manifest type is
 * ignored, because registries send `text/plain`; a type that contradicts the body is an error. Throws `ManifestError`.
 */
export function decodeManifest(body: Uint8Array, declared: string | null): Manifest {
  const manifest = parseObject(body);
  const shape = shapeOf(manifest);
  const own = stringMember(manifest, 'mediaType');
  for (const declaredType of [own, declared ?? ''])
    if ((types.shapeOf(declaredType) ?? shape) !== shape)
      throw mismatch(declaredType, `its body is an ${shape}`);
  const mediaType = own === '' ? inferredType(shape, manifest) : own;
  // Docker and OCI types of one shape may be swapped; runtimes differ in which swaps they accept.
  const hasSwappedType = own !== '' && types.shapeOf(declared ?? '') !== null && own !== declared;
  switch (shape) {
    case 'index':
      return { kind: 'index', mediaType, entries: entriesOf(manifest), hasSwappedType };
    case 'image':
      return imageOrArtifact(manifest, mediaType, hasSwappedType);
    case 'schema1':
      return { kind: 'schema1', mediaType, platform: schema1Platform(body) };
    default:
      return shape satisfies never;
  }
}

export interface ImageConfig {
  readonly platform: Platform;
  /** True for an operator bundle (OLM), which contains manifests only and therefore has no platform of its own. */
  readonly isOperatorBundle: boolean;
}

/** Returns the platform data of a config blob; null if it is not an image config or has no architecture. */
export function decodeConfig(body: Uint8Array): ImageConfig | null {
  try {
    const config = parseObject(body);
    const platform = platformOf(config);
    if (platform.architecture === '') return null;
    const labels = object(object(config, 'config') ?? {}, 'Labels') ?? {};
    return { platform, isOperatorBundle: has(labels, bundleLabel) };
  } catch {
    return null;
  }
}

function shapeOf(manifest: JsonObject): types.ManifestShape {
  if (has(manifest, 'errors')) throw new ManifestError('NotAManifest', 'the body is an error document');
  const index = has(manifest, 'manifests');
  const image = has(manifest, 'config') || has(manifest, 'layers') || has(manifest, 'blobs');
  const schema1 = has(manifest, 'fsLayers');
  // Two readers could interpret such a body differently (CVE-2021-41190).
  if (Number(index) + Number(image) + Number(schema1) > 1)
    throw new ManifestError('Ambiguous', 'the body is an index and an image manifest at once');
  if (index) return 'index';
  if (image) return 'image';
  if (schema1) return 'schema1';
  throw new ManifestError('NotAManifest', 'the body is not a manifest: it has neither manifests nor layers');
}

function inferredType(shape: types.ManifestShape, manifest: JsonObject): string {
  // Docker manifests always contain their mediaType; only OCI manifests may omit it.
  if (shape === 'index') return types.ociIndex;
  if (shape === 'image') return types.ociManifest;
  return has(manifest, 'signatures') ? types.schema1Signed : types.schema1;
}

function entriesOf(index: JsonObject): readonly IndexEntry[] {
  return objects(index, 'manifests', maxEntries).flatMap((entry) => {
    const descriptor = descriptorOf(entry);
    // An entry without a valid digest cannot be fetched, so it provides no platform.
    if (!descriptor) return [];
    const platform = entryPlatform(entry);
    return [{ ...descriptor, platform, attestation: isAttestation(entry, platform) }];
  });
}

function entryPlatform(entry: JsonObject): Platform | null {
  const named = object(entry, 'platform');
  const platform = named && platformOf(named);
  return platform && (platform.os !== '' || platform.architecture !== '') ? platform : null;
}

function isAttestation(entry: JsonObject, platform: Platform | null): boolean {
  const annotations = object(entry, 'annotations');
  const annotated = annotations !== null && has(annotations, 'vnd.docker.reference.type');
  return annotated || (platform?.os === 'unknown' && platform.architecture === 'unknown');
}

function imageOrArtifact(manifest: JsonObject, mediaType: string, hasSwappedType: boolean): Manifest {
  const config = object(manifest, 'config');
  const configType = config ? stringMember(config, 'mediaType') : '';
  const artifactType = stringMember(manifest, 'artifactType');
  // The deprecated OCI artifact manifest has blobs and no config. An artifactType beside an image config changes nothing:
  // every runtime pulls and runs such an image.
  const isArtifact = has(manifest, 'blobs') || !imageConfigs.has(configType) || !hasImageLayers(manifest);
  if (isArtifact) return { kind: 'artifact', mediaType, artifactType: artifactType || configType };
  const descriptor = config && descriptorOf(config);
  if (!descriptor) throw new ManifestError('Malformed', 'the image manifest has no config with a digest');
  const hasDockerConfig = mediaType === types.ociManifest && configType === types.dockerConfig;
  return {
    kind: 'image',
    mediaType,
    config: descriptor,
    layers: layersOf(manifest),
    hasSwappedType: hasSwappedType || hasDockerConfig,
  };
}

/**
 * Returns the layers. It does not throw: an image with invalid layers is still an image, and the code that checks layers
 * reports them.
 */
function layersOf(manifest: JsonObject): readonly (Layer | null)[] {
  const layers = manifest['layers'];
  return Array.isArray(layers) ? layers.slice(0, maxLayers).map(layerOf) : [];
}

function layerOf(entry: unknown): Layer | null {
  try {
    const [layer] = objects({ layers: [entry] }, 'layers', 1);
    const descriptor = layer && descriptorOf(layer);
    if (!layer || !descriptor) return null;
    const annotations = object(layer, 'annotations');
    return { ...descriptor, isLazy: annotations !== null && has(annotations, stargzToc) };
  } catch (error) {
    if (error instanceof ManifestError) return null;
    throw error;
  }
}

/** Returns true if the manifest has no layers at all, or one that a runtime unpacks. */
function hasImageLayers(manifest: JsonObject): boolean {
  const layers = has(manifest, 'layers') ? manifest['layers'] : [];
  if (!Array.isArray(layers) || layers.length === 0) return true;
  return layers.some((layer: unknown) =>
    layerType.test(stringMember(Object(layer) as JsonObject, 'mediaType')),
  );
}

/** Returns the platform. It reads only the signed payload, because the digest does not cover the rest of the body. */
function schema1Platform(body: Uint8Array): Platform {
  const digested = parseObject(digestedBytes(body));
  if (shapeOf(digested) !== 'schema1')
    throw new ManifestError('TypeMismatch', 'its signed payload is not a schema 1 manifest');
  return platformOf({ ...digested, os: 'linux' });
}

/** Returns null if the digest is missing or malformed. */
function descriptorOf(descriptor: JsonObject): Descriptor | null {
  const digest = stringMember(descriptor, 'digest');
  const mediaType = stringMember(descriptor, 'mediaType');
  const size = quantity(descriptor, 'size');
  const urls = stringMembers(descriptor, 'urls', maxUrls);
  return isDigest(digest) ? { mediaType, digest, size, urls } : null;
}

function platformOf(platform: JsonObject): Platform {
  const word = (name: string): string => cut(stringMember(platform, name), maxWord);
  return {
    os: word('os'),
    architecture: word('architecture'),
    variant: word('variant'),
    osVersion: word('os.version'),
    osFeatures: stringMembers(platform, 'os.features', maxFeatures)
      .slice(0, keptFeatures)
      .map((feature) => cut(feature, maxWord)),
  };
}

function mismatch(declared: string, what: string): ManifestError {
  return new ManifestError('TypeMismatch', `declared as ${clean(declared, 128)}, but ${what}`);
}
