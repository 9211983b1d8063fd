/** A parts checker over scripted registries, and images for it; everything is closed after each test. */
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import type { Endpoint } from '../../../../src/resolve/endpoints/endpoint.ts';
import type { RuntimeProfile } from '../../../../src/resolve/endpoints/runtime/runtime-profile.ts';
import { createEndpointHealth } from '../../../../src/resolve/inspection/health/endpoint-health.ts';
import { silent } from '../../../../src/resolve/inspection/observer.ts';
import type { PartsReport } from '../../../../src/resolve/parts/part.ts';
import { createPartsChecker, type PartsRequest } from '../../../../src/resolve/parts/parts-checker.ts';
import { type Digest, digestOf } from '../../../../src/resolve/reference/digest.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import type { Answer, Handler } from '../../../kit/fakes/scripted-registry.ts';
import { client } from '../registry/asking.ts';

export const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

export interface Stored {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly body: Buffer;
}

export function stored(mediaType: string, content: string | object): Stored {
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { mediaType, digest: digestOf('sha256', body), size: body.length, body };
}

function described({ mediaType, digest, size }: Stored): object {
  return { mediaType, digest, size };
}

/** An image of one platform, and everything that it needs. */
export interface TestImage {
  readonly root: Stored;
  readonly parts: readonly Stored[];
}

export function image(architecture: string, layers: readonly string[], more: object = {}): TestImage {
  const config = stored(types.config, { os: 'linux', architecture });
  const stack = layers.map((text) => stored(types.layer, text));
  const root = stored(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: described(config),
    layers: stack.map((layer) => ({ ...described(layer), ...more })),
  });
  return { root, parts: [root, config, ...stack] };
}

export function indexOf(images: Readonly<Record<string, TestImage>>): TestImage {
  const root = stored(types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: Object.entries(images).map(([architecture, each]) => ({
      ...described(each.root),
      platform: { os: 'linux', architecture },
    })),
  });
  return { root, parts: [root, ...Object.values(images).flatMap(({ parts }) => parts)] };
}

/** A registry that has these parts, and answers otherwise as `script` says. */
export function holding(
  { parts }: TestImage,
  script: (digest: string, request: Parameters<Handler>[0]) => Answer | null | Promise<Answer | null> = () =>
    null,
): Handler {
  const known = new Map<string, Stored>(parts.map((each) => [each.digest, each]));
  return async (request) => {
    const digest = /sha256:[0-9a-f]{64}/.exec(request.url)?.[0] ?? '';
    const found = known.get(digest);
    return (
      (await script(digest, request)) ??
      (found ? { headers: { 'content-type': found.mediaType }, body: found.body } : { status: 404 })
    );
  };
}

/** Checks an image at these endpoints; `more` replaces what is asked for. */
export function check(
  endpoints: readonly Endpoint[],
  { root }: TestImage,
  more: Partial<PartsRequest> & {
    readonly timeoutMs?: number;
    readonly profiles?: readonly RuntimeProfile[];
  } = {},
): Promise<PartsReport> {
  const { profiles = [] } = more;
  const health = createEndpointHealth({ observer: silent, clock: () => performance.now() });
  const checker = createPartsChecker({
    registry: client(),
    health,
    endpointTimeoutMs: 2_000,
    resolutionTimeoutMs: 15_000,
    nodeIdentity: [],
    headTimeoutMs: 2_000,
    limits: { loopback: 'contact', allowedHosts: ['**'] },
    maxManifestBytes: 4 * 1024 * 1024,
  });
  return checker.check({
    mirrors: { id: 'test', profiles, endpoints: () => ({ endpoints, warnings: [] }) },
    reference: parseReference('registry.test/library/nginx:1'),
    credentials: anonymous,
    deadline: deadlineIn(more.timeoutMs ?? 15_000),
    digest: root.digest,
    mediaType: root.mediaType,
    size: root.size,
    root: null,
    wanted: [],
    endpoint: null,
    mode: 'exists',
    background: false,
    ...more,
  });
}
