/** Media types of manifests and configs, and the manifest shape that each type declares. */

export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
export const schema1 = 'application/vnd.docker.distribution.manifest.v1+json';
export const schema1Signed = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

export const ociConfig = 'application/vnd.oci.image.config.v1+json';
export const dockerConfig = 'application/vnd.docker.container.image.v1+json';
/** Config type of an artifact without a config (OCI image-spec, "Guidance for an Empty Descriptor"). */
export const emptyConfig = 'application/vnd.oci.empty.v1+json';

/** Shape of a manifest's top level. */
export type ManifestShape = 'index' | 'image' | 'schema1';

const shapes: ReadonlyMap<string, ManifestShape> = new Map([
  [ociIndex, 'index'],
  [dockerList, 'index'],
  [ociManifest, 'image'],
  [dockerManifest, 'image'],
  [schema1Signed, 'schema1'],
  [schema1, 'schema1'],
]);

/** Returns the shape that a media type declares; null if it is not a manifest type. */
export function shapeOf(mediaType: string): ManifestShape | null {
  return shapes.get(mediaType) ?? null;
}

/** Value of `Accept` in every manifest request. docker-registry converts to schema 1 if the newer types are not listed. */
export const acceptManifests: string = [...shapes.keys(), '*/*'].join(', ');

/** Returns the media type of a header without parameters and in lower case; null if absent. */
export function bareMediaType(header: string | null | undefined): string | null {
  const bare = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return bare === '' ? null : bare;
}
