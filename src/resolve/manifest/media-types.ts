/** Media types of manifests and configs, and what each says a body is. */

export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
export const schema1 = 'application/vnd.docker.distribution.manifest.v1+json';
export const schema1Signed = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

export const ociConfig = 'application/vnd.oci.image.config.v1+json';
export const dockerConfig = 'application/vnd.docker.container.image.v1+json';
/** The config of an artifact that has none (OCI image-spec, "Guidance for an Empty Descriptor"). */
export const emptyConfig = 'application/vnd.oci.empty.v1+json';

/** What the top level of a manifest can be. */
export type ManifestShape = 'index' | 'image' | 'schema1';

const shapes: ReadonlyMap<string, ManifestShape> = new Map([
  [ociIndex, 'index'],
  [dockerList, 'index'],
  [ociManifest, 'image'],
  [dockerManifest, 'image'],
  [schema1Signed, 'schema1'],
  [schema1, 'schema1'],
]);

/** The shape that a media type declares; null for a type that is no manifest's. */
export function shapeOf(mediaType: string): ManifestShape | null {
  return shapes.get(mediaType) ?? null;
}

/** `Accept` of every manifest request. docker-registry converts to schema 1 whoever does not name the newer types. */
export const acceptManifests: string = [...shapes.keys(), '*/*'].join(', ');

/** A header's media type without parameters, in lower case; null when there is none. */
export function bareMediaType(header: string | null | undefined): string | null {
  const bare = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return bare === '' ? null : bare;
}
