/** Registries for the attacks: an honest one, and images made to hurt. */
import {
  type Answer,
  type Recorded,
  type ScriptedRegistry,
  scriptedRegistry,
} from '../kit/fakes/scripted-registry.ts';
import { EmbeddedRegistry } from '../kit/registries/embedded-registry.ts';
import { mediaTypes, multiArch, sha256 } from '../kit/registries/images.ts';

export interface HonestRegistry extends AsyncDisposable {
  readonly registry: EmbeddedRegistry;
  /** `127.0.0.1:PORT`, to be written before the repository. */
  readonly host: string;
}

/** `team/app:0` to `team/app:COUNT-1`, for amd64 and arm64. */
export async function startHonestRegistry(count = 1): Promise<HonestRegistry> {
  const registry = new EmbeddedRegistry();
  for (let index = 0; index < count; index++)
    registry.add(
      'team/app',
      String(index),
      multiArch(['linux/amd64', 'linux/arm64'], { salt: String(index) }),
    );
  const { host } = new URL(await registry.start());
  return { registry, host, [Symbol.asyncDispose]: () => registry.stop() };
}

/** Serves `body` as the manifest of every tag of every repository, and by its digest. */
export function serveManifest(
  body: Buffer,
  mediaType: string = mediaTypes.index,
): (request: Recorded) => Answer {
  const digest = sha256(body);
  return ({ method, url }) => {
    if (!url.includes('/manifests/')) return { status: 404, body: { errors: [] } };
    const headers = {
      'content-type': mediaType,
      'docker-content-digest': digest,
      'content-length': String(body.length),
    };
    return { headers, ...(method === 'HEAD' ? {} : { body }) };
  };
}

export async function startRegistry(script: (request: Recorded) => Answer): Promise<ScriptedRegistry> {
  return await scriptedRegistry(script);
}

/** An index of `count` entries, each for a platform of its own whose words are `length` characters long. */
export function oddIndex(count: number, length: number, salt: string): Buffer {
  const manifests = Array.from({ length: count }, (_, index) => ({
    mediaType: mediaTypes.manifest,
    digest: `sha256:${index.toString(16).padStart(64, '0')}`,
    size: 1,
    platform: {
      os: `os${index}${salt}`.padEnd(length, 'x'),
      architecture: `arch${index}`.padEnd(length, 'y'),
    },
  }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

/** An index with `count` annotations: many small elements. */
export function crowdedIndex(count: number, salt: string): Buffer {
  const annotations = Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']));
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [], annotations, salt }),
  );
}
