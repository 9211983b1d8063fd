/** Small images of every telling kind, built byte for byte the same each time; for the demo's registries and the integration tests. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

export interface Blob {
  readonly digest: string;
  readonly body: Buffer;
}

export interface StoredManifest extends Blob {
  readonly mediaType: string;
}

/** One pushable image: blobs, child manifests, then the root that a tag names. */
export interface Image {
  readonly blobs: readonly Blob[];
  readonly children: readonly StoredManifest[];
  readonly root: StoredManifest;
}

/** The members of an OCI platform, as they are written. */
export interface PlatformJson {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
}

export function sha256(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function blob(body: Buffer): Blob {
  return { digest: sha256(body), body };
}

function manifest(mediaType: string, content: object): StoredManifest {
  return { ...blob(Buffer.from(JSON.stringify(content))), mediaType };
}

function descriptor(mediaType: string, { digest, body }: Blob) {
  return { mediaType, digest, size: body.length };
}

export function platform(text: string): PlatformJson {
  const [os = '', architecture = '', variant] = text.split('/');
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** A single-platform image; `salt` makes another image of the same kind. */
export function single(of: PlatformJson, { docker = false, salt = '' } = {}): Image {
  const layer = blob(gzipSync(Buffer.concat([Buffer.from(salt), Buffer.alloc(1024)]), { level: 9 }));
  const config = blob(
    Buffer.from(
      JSON.stringify({
        ...of,
        config: { Cmd: ['/pause'], Labels: { salt } },
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    ),
  );
  const root = manifest(docker ? mediaTypes.dockerManifest : mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: docker ? mediaTypes.dockerManifest : mediaTypes.manifest,
    config: descriptor(docker ? mediaTypes.dockerConfig : mediaTypes.config, config),
    layers: [descriptor(docker ? mediaTypes.dockerLayer : mediaTypes.layer, layer)],
  });
  return { blobs: [layer, config], children: [], root };
}

/** An entry of an index: an image, and what the index says of it. */
export interface Entry {
  readonly image: Image;
  readonly platform?: PlatformJson;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function indexOf(entries: readonly Entry[], { docker = false, typed = true } = {}): Image {
  const mediaType = docker ? mediaTypes.dockerList : mediaTypes.index;
  return {
    blobs: entries.flatMap(({ image }) => image.blobs),
    children: entries.flatMap(({ image }) => [...image.children, image.root]),
    root: manifest(mediaType, {
      schemaVersion: 2,
      ...(typed ? { mediaType } : {}),
      manifests: entries.map(({ image, platform, annotations }) => ({
        ...descriptor(image.root.mediaType, image.root),
        ...(platform ? { platform } : {}),
        ...(annotations ? { annotations } : {}),
      })),
    }),
  };
}

/** An index over platforms written `os/arch[/variant]`. */
export function multiArch(platforms: readonly string[], { docker = false, salt = '' } = {}): Image {
  return indexOf(
    platforms.map((text) => ({
      image: single(platform(text), { docker, salt: salt + text }),
      platform: platform(text),
    })),
    { docker },
  );
}

/** An image of BuildKit: each platform with its provenance beside it. */
export function withAttestations(platforms: readonly string[]): Image {
  return indexOf(
    platforms.flatMap((text): Entry[] => {
      const image = single(platform(text), { salt: `attested ${text}` });
      return [
        { image, platform: platform(text) },
        {
          image: single({ os: 'unknown', architecture: 'unknown' }, { salt: `provenance of ${text}` }),
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': image.root.digest,
          },
        },
      ];
    }),
  );
}

/** No container image: a chart, a policy, a model. */
export function artifact(artifactType: string): Image {
  const config = blob(Buffer.from('{}'));
  const layer = blob(Buffer.from(`content of ${artifactType}`));
  return {
    blobs: [config, layer],
    children: [],
    root: manifest(mediaTypes.manifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType,
      config: descriptor(mediaTypes.empty, config),
      layers: [descriptor('application/octet-stream', layer)],
    }),
  };
}
