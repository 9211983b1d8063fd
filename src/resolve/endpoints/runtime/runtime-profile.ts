/**
 * Runtime profiles: the differences between containerd, CRI-O and dockerd when they pull one image. All code that depends on a
 * node's runtime reads a profile, so that no other module compares names or versions of runtimes.
 */
import { isAtLeast, type RuntimeVersion } from './runtime-version.ts';

export type RuntimeProfileName =
  /** containerd 2.1 and later: CRI pulls through the transfer service. */
  | 'containerd-transfer'
  /** containerd 1.x and 2.0, and later versions whose configuration makes CRI pull without the transfer service. */
  | 'containerd-local'
  /** CRI-O up to 1.33. */
  | 'crio-until-1.33'
  /** CRI-O 1.34 and later. */
  | 'crio-since-1.34'
  /** dockerd with graph drivers. */
  | 'dockerd-graph'
  /** dockerd with containerd's image store. */
  | 'dockerd-store';

/** Reaction of a runtime to an irregular response: accept it, try the next endpoint, or abort the whole pull. */
export type Reaction = 'accept' | 'next-endpoint' | 'abort';

/** Behaviour of one runtime. Each member describes a point in which runtimes differ. */
export interface RuntimeProfile {
  readonly name: RuntimeProfileName;
  /** Name in messages, `containerd 2.1`; without a version if it is unknown. */
  readonly label: string;

  /**
   * Requests that turn a tag into a manifest. `head-then-any`: HEAD chooses the digest, then GET by digest goes to every
   * endpoint in order, so the response for the tag is not sufficient. `get`: GET of the tag chooses the endpoint and returns
   * the manifest. `head-then-same`: HEAD, then GET by digest at the same endpoint.
   */
  readonly tagResolution: 'head-then-any' | 'get' | 'head-then-same';
  /** True if the runtime requires 200 or 401 for GET `/v2/` before any other request. */
  readonly pings: boolean;
  /** Endpoints that serve children of an index, the image configuration and layers. */
  readonly partsFrom: 'any-endpoint' | 'manifest-endpoint';
  /** Endpoints that receive the image's pull secret: every endpoint, or only the domain that the image names. */
  readonly pullSecretScope: 'every-endpoint' | 'own-domain';
  /** Rule that decides which of an index's platforms run on a node. */
  readonly platformMatching: 'strict' | 'compat' | 'crio' | 'dockerd';
  /**
   * Repositories in the token's scope if a mirror's path differs: both, the endpoint's (`physical`), or the image's own
   * (`written`).
   */
  readonly tokenScope: 'union' | 'physical' | 'written';

  /**
   * Reaction to a manifest with the type `text/plain`, `application/json` or `application/octet-stream`, or without a type.
   */
  readonly onUnknownMediaType: Reaction;
  /**
   * Reaction to a docker manifest with an OCI type or the reverse, and to a docker configuration type inside an OCI manifest.
   */
  readonly onSwappedManifestType: Reaction;
  /** Reaction to a docker list with the type of an OCI index or the reverse. */
  readonly onSwappedIndexType: Reaction;
  /** Reaction to 404 for HEAD of the tag. `get`: the runtime tries GET at the same endpoint. */
  readonly onHeadNotFound: 'next-endpoint' | 'get';
  /** Reaction to a `Docker-Content-Digest` that is not a digest, in the response to HEAD of a tag with a Content-Length. */
  readonly onMalformedDigestHeader: Reaction;
  /** Reaction if HEAD of the tag lacks a digest or a length, and GET of the tag fails at the same endpoint. */
  readonly onFailedGetAfterHead: 'next-endpoint' | 'abort';
  /** Reaction to a redirect without a usable `Location`. */
  readonly onBrokenRedirect: 'next-endpoint' | 'abort';

  /** True if the runtime mounts images as volumes; null if that is not certain. */
  readonly imageVolumes: boolean | null;
  /** True if the runtime unpacks layers compressed with zstd; null if that is not certain. */
  readonly unpacksZstd: boolean | null;
  /** True if the runtime repeats a failed pull as an OCI artifact, so that creating the container fails instead. */
  readonly retriesAsArtifact: boolean;
}

type Behaviour = Omit<
  RuntimeProfile,
  'name' | 'label' | 'imageVolumes' | 'unpacksZstd' | 'retriesAsArtifact'
>;

const containerd: Behaviour = {
  tagResolution: 'head-then-any',
  pings: false,
  partsFrom: 'any-endpoint',
  pullSecretScope: 'every-endpoint',
  platformMatching: 'compat',
  tokenScope: 'union',
  onUnknownMediaType: 'abort',
  onSwappedManifestType: 'accept',
  onSwappedIndexType: 'accept',
  onHeadNotFound: 'next-endpoint',
  onMalformedDigestHeader: 'abort',
  onFailedGetAfterHead: 'abort',
  onBrokenRedirect: 'abort',
};

const containersImage: Behaviour = {
  tagResolution: 'get',
  pings: true,
  partsFrom: 'manifest-endpoint',
  pullSecretScope: 'own-domain',
  platformMatching: 'crio',
  tokenScope: 'physical',
  onUnknownMediaType: 'abort',
  onSwappedManifestType: 'abort',
  onSwappedIndexType: 'accept',
  onHeadNotFound: 'get',
  onMalformedDigestHeader: 'accept',
  onFailedGetAfterHead: 'next-endpoint',
  onBrokenRedirect: 'next-endpoint',
};

const dockerdGraph: Behaviour = {
  tagResolution: 'head-then-same',
  pings: false,
  partsFrom: 'manifest-endpoint',
  pullSecretScope: 'every-endpoint',
  platformMatching: 'dockerd',
  tokenScope: 'written',
  onUnknownMediaType: 'next-endpoint',
  onSwappedManifestType: 'next-endpoint',
  onSwappedIndexType: 'next-endpoint',
  onHeadNotFound: 'get',
  onMalformedDigestHeader: 'next-endpoint',
  onFailedGetAfterHead: 'next-endpoint',
  onBrokenRedirect: 'next-endpoint',
};

const behaviours: Readonly<Record<RuntimeProfileName, Behaviour>> = {
  'containerd-transfer': { ...containerd, platformMatching: 'strict' },
  'containerd-local': containerd,
  'crio-until-1.33': containersImage,
  'crio-since-1.34': containersImage,
  'dockerd-graph': dockerdGraph,
  'dockerd-store': { ...containerd, pullSecretScope: 'own-domain', platformMatching: 'dockerd' },
};

/** Returns the profile of `name`; `version` is null if it is not known. */
export function runtimeProfile(name: RuntimeProfileName, version: RuntimeVersion | null): RuntimeProfile {
  const product = productOf(name);
  return {
    name,
    label: version === null ? product : `${product} ${version.major}.${version.minor}`,
    ...behaviours[name],
    imageVolumes: hasImageVolumes(name, version),
    unpacksZstd: unpacksZstd(name, version),
    retriesAsArtifact: product === 'CRI-O' && version !== null && isAtLeast(version, 1, 35),
  };
}

/** Profiles of all runtimes, for a node whose runtime is unknown. containerd's profile comes first. */
export const allProfiles: readonly RuntimeProfile[] = (
  Object.keys(behaviours) as readonly RuntimeProfileName[]
).map((name) => runtimeProfile(name, null));

function productOf(name: RuntimeProfileName): 'containerd' | 'CRI-O' | 'dockerd' {
  if (name.startsWith('containerd')) return 'containerd';
  return name.startsWith('crio') ? 'CRI-O' : 'dockerd';
}

/**
 * Returns true if the runtime unpacks zstd: containerd from 1.5, dockerd from 23.0, CRI-O in every version that Pratique
 * knows.
 */
function unpacksZstd(name: RuntimeProfileName, version: RuntimeVersion | null): boolean | null {
  if (name === 'containerd-transfer' || productOf(name) === 'CRI-O') return true;
  if (version === null) return null;
  return name === 'containerd-local' ? isAtLeast(version, 1, 5) : isAtLeast(version, 23, 0);
}

/** Returns true if the runtime mounts images: containerd from 2.1, CRI-O from 1.31. The support of cri-dockerd is unknown. */
function hasImageVolumes(name: RuntimeProfileName, version: RuntimeVersion | null): boolean | null {
  if (name === 'containerd-transfer' || name === 'crio-since-1.34') return true;
  if (version === null) return null;
  if (name === 'containerd-local') return isAtLeast(version, 2, 1);
  return name === 'crio-until-1.33' ? isAtLeast(version, 1, 31) : null;
}
