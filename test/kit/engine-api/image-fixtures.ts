/** Images byte for byte, as a file of fixtures has them, and registries that serve them. */
import { readFileSync } from 'node:fs';
import type { Answer, Handler, Recorded } from '../fakes/scripted-registry.ts';

interface StoredObject {
  readonly mediaType: string;
  readonly digest: string;
  readonly body: string;
}

export interface ImageFixture extends StoredObject {
  /** Children, configurations and layers; those that are left out are missing on purpose. */
  readonly objects: readonly StoredObject[];
}

/** `library/hello:latest` → image. */
export type ImageFixtures = Readonly<Record<string, ImageFixture>>;

export function readImageFixtures(file: string | URL): ImageFixtures {
  return JSON.parse(readFileSync(file, 'utf8')) as ImageFixtures;
}

/** What a request to a registry asks for; null: something else, such as `/v2/`. */
export interface ObjectRequest {
  readonly repository: string;
  readonly kind: 'manifests' | 'blobs';
  /** Tag or digest. */
  readonly reference: string;
}

export function objectRequest({ url }: Pick<Recorded, 'url'>): ObjectRequest | null {
  const { pathname } = new URL(url, 'http://registry');
  const groups = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<reference>[^/]+)$/.exec(
    pathname,
  )?.groups;
  return groups ? (groups as unknown as ObjectRequest) : null;
}

export const manifestUnknown: Answer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] },
};

/** A registry that holds nothing. */
export const emptyRegistry: Handler = (request) =>
  objectRequest(request) ? manifestUnknown : { status: 200, body: {} };

/** A registry that holds every image of the fixtures. */
export function holdingFixtures(fixtures: ImageFixtures): Handler {
  return (request) => {
    const asked = objectRequest(request);
    if (!asked) return { status: 200, body: {} };
    const found = find(fixtures, asked);
    if (!found) return manifestUnknown;
    const headers = {
      'content-type': asked.kind === 'blobs' ? 'application/octet-stream' : found.mediaType,
      'docker-content-digest': found.digest,
    };
    return { headers, body: Buffer.from(found.body) };
  };
}

function find(
  fixtures: ImageFixtures,
  { repository, kind, reference }: ObjectRequest,
): StoredObject | undefined {
  const tagged = fixtures[`${repository}:${reference}`];
  if (kind === 'manifests' && tagged) return tagged;
  const images = Object.entries(fixtures).filter(([name]) => name.startsWith(`${repository}:`));
  return images.flatMap(([, image]) => [image, ...image.objects]).find(({ digest }) => digest === reference);
}
