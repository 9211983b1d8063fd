/**
 * Runtime profiles: what containerd, CRI-O and dockerd do differently when they pull one image. Everything that depends
 * on a node's runtime asks here, so that no other module compares names or versions of runtimes.
 */
import { isAtLeast, type RuntimeVersion } from './runtime-version.ts';

export type RuntimeProfileName =
  /** containerd from 2.1: CRI pulls through the transfer service. */
  | 'containerd-transfer'
  /** containerd 1.x and 2.0, and later versions whose configuration makes CRI pull by itself. */
  | 'containerd-local'
  /** CRI-O up to 1.33. */
  | 'crio-until-1.33'
  /** CRI-O from 1.34. */
  | 'crio-since-1.34'
  /** dockerd with graph drivers. */
  | 'dockerd-graph'
  /** dockerd with containerd's image store. */
  | 'dockerd-store';

/** What a runtime does with an answer that it dislikes: it takes it, asks the next endpoint, or gives up the whole pull. */
export type Reaction = 'accept' | 'next-endpoint' | 'abort';

/** The answers of one runtime; every member is a question that some runtimes answer differently. */
export interface RuntimeProfile {
  readonly name: RuntimeProfileName;
  /** Name for messages, `containerd 2.1`; without the version if it is not known. */
  readonly label: string;

  /**
   * How a tag becomes a manifest. `head-then-any`: HEAD chooses the digest, then GET by digest at every endpoint in
   * order, so a tag's answer does not suffice. `get`: GET of the tag chooses the endpoint and is the manifest.
   * `head-then-same`: HEAD, then GET by digest at the same endpoint.
   */
  readonly tagResolution: 'head-then-any' | 'get' | 'head-then-same';
  /** GET `/v2/` must be answered by 200 or 401 before anything else is asked. */
  readonly pings: boolean;
  /** Where children of an index, the image configuration and layers are asked. */
  readonly partsFrom: 'any-endpoint' | 'manifest-endpoint';
  /** Where the pull secret of the image is sent: to every endpoint, or only to the domain that the image names. */
  readonly pullSecretScope: 'every-endpoint' | 'own-domain';
  /** Which of an index's platforms run on a node. */
  readonly platformMatching: 'strict' | 'compat' | 'crio' | 'dockerd';
  /** Repositories in the token's scope when a mirror's path differs: both, the one at the endpoint, or the image's own. */
  readonly tokenScope: 'union' | 'physical' | 'written';

  /** A manifest served as `text/plain`, `application/json`, `application/octet-stream` or without a type. */
  readonly onUnknownMediaType: Reaction;
  /** A docker manifest served as OCI or the reverse, also a docker configuration type inside an OCI manifest. */
  readonly onSwappedManifestType: Reaction;
  /** A docker list served as an OCI index or the reverse. */
  readonly onSwappedIndexType: Reaction;
  /** HEAD of the tag is answered by 404; `get`: GET is tried at the same endpoint. */
  readonly onHeadNotFound: 'next-endpoint' | 'get';
  /** `Docker-Content-Digest` that is not a digest, on a HEAD of a tag that has a Content-Length. */
  readonly onMalformedDigestHeader: Reaction;
  /** HEAD of the tag without a digest or a length, and GET of the tag at that endpoint fails. */
  readonly onFailedGetAfterHead: 'next-endpoint' | 'abort';
  /** A redirect without a usable `Location`. */
  readonly onBrokenRedirect: 'next-endpoint' | 'abort';

  /** Mounts images as volumes; null where that is not known for certain. */
  readonly imageVolumes: boolean | null;
  /** Unpacks layers compressed with zstd; null where that is not known for certain. */
  readonly unpacksZstd: boolean | null;
  /** A pull that failed is repeated as an OCI artifact, after which creating the container fails instead. */
  readonly retriesAsArtifact: boolean;
}

type Answers = Omit<RuntimeProfile, 'name' | 'label' | 'imageVolumes' | 'unpacksZstd' | 'retriesAsArtifact'>;

const containerd: Answers = {
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

const containersImage: Answers = {
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

const dockerdGraph: Answers = {
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

const answers: Readonly<Record<RuntimeProfileName, Answers>> = {
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
    ...answers[name],
    imageVolumes: hasImageVolumes(name, version),
    unpacksZstd: unpacksZstd(name, version),
    retriesAsArtifact: product === 'CRI-O' && version !== null && isAtLeast(version, 1, 35),
  };
}

/** The profiles of all runtimes: what a node may do whose runtime is not known. containerd's comes first. */
export const allProfiles: readonly RuntimeProfile[] = (
  Object.keys(answers) as readonly RuntimeProfileName[]
).map((name) => runtimeProfile(name, null));

function productOf(name: RuntimeProfileName): 'containerd' | 'CRI-O' | 'dockerd' {
  if (name.startsWith('containerd')) return 'containerd';
  return name.startsWith('crio') ? 'CRI-O' : 'dockerd';
}

/** containerd reads zstd from 1.5, dockerd from 23.0; CRI-O has for as long as it is looked at here. */
function unpacksZstd(name: RuntimeProfileName, version: RuntimeVersion | null): boolean | null {
  if (name === 'containerd-transfer' || productOf(name) === 'CRI-O') return true;
  if (version === null) return null;
  return name === 'containerd-local' ? isAtLeast(version, 1, 5) : isAtLeast(version, 23, 0);
}

/** containerd mounts images from 2.1, CRI-O from 1.31; cri-dockerd's support is not known. */
function hasImageVolumes(name: RuntimeProfileName, version: RuntimeVersion | null): boolean | null {
  if (name === 'containerd-transfer' || name === 'crio-since-1.34') return true;
  if (version === null) return null;
  if (name === 'containerd-local') return isAtLeast(version, 2, 1);
  return name === 'crio-until-1.33' ? isAtLeast(version, 1, 31) : null;
}
