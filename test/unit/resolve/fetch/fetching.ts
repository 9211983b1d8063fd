/** A fetcher over scripted registries, and what came of a fetch; everything is closed after each test. */
import { anonymous, type Credentials } from '../../../../src/resolve/credentials/credential.ts';
import type { Endpoint } from '../../../../src/resolve/endpoints/endpoint.ts';
import type { Content } from '../../../../src/resolve/fetch/content.ts';
import { ContentSource } from '../../../../src/resolve/fetch/content-source.ts';
import { FetchError } from '../../../../src/resolve/fetch/fetch-error.ts';
import { Fetcher } from '../../../../src/resolve/fetch/fetcher.ts';
import { SourceSlots } from '../../../../src/resolve/fetch/source-slots.ts';
import type { ResolutionContext } from '../../../../src/resolve/inspection/context.ts';
import { RuntimeReactions } from '../../../../src/resolve/inspection/endpoint/runtime-reactions.ts';
import { AttemptLog } from '../../../../src/resolve/inspection/endpoint/attempt-log.ts';
import { EndpointClient } from '../../../../src/resolve/inspection/endpoint/endpoint-query.ts';
import { createEndpointHealth } from '../../../../src/resolve/inspection/health/endpoint-health.ts';
import { silent } from '../../../../src/resolve/inspection/observer.ts';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import type { RegistryOptions } from '../../../../src/resolve/registry/client.ts';
import type { Warning } from '../../../../src/resolve/warning.ts';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import { client } from '../registry/asking.ts';

export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';

export function contentOf(body: Uint8Array, more: Partial<Content> = {}): Content {
  const digest = digestOf('sha256', body);
  return { digest, mediaType: layerType, size: body.byteLength, urls: [], ...more };
}

export interface FetchingOptions {
  readonly endpoints: readonly Endpoint[];
  readonly namedBy?: Endpoint | null;
  readonly timeoutMs?: number;
  readonly stallMs?: number;
  readonly credentials?: Credentials;
  readonly registry?: Partial<RegistryOptions>;
  readonly signal?: AbortSignal;
}

export function fetching(options: FetchingOptions) {
  const registry = client(options.registry);
  const health = createEndpointHealth({ observer: silent, clock: () => performance.now() });
  const deadline = deadlineIn(options.timeoutMs ?? 10_000, options.signal);
  const log = new AttemptLog();
  const reference = parseReference('registry.test/library/nginx');
  const credentials = options.credentials ?? anonymous;
  const context: ResolutionContext = {
    reference,
    credentials,
    purpose: 'interactive',
    callerDeadline: deadline,
    workDeadline: deadline,
    log,
    reactions: new RuntimeReactions([]),
    onSilence() {},
  };
  const deps = {
    registry,
    health,
    endpointTimeoutMs: 2_000,
    resolutionTimeoutMs: 15_000,
    nodeIdentity: [],
  };
  const warnings: Warning[] = [];
  const source = new ContentSource({
    registry,
    client: new EndpointClient(deps, context, {
      pullSecretScope: 'every-endpoint',
      scopeRule: 'challenge',
    }),
    endpoints: options.endpoints,
    namedBy: () => (options.namedBy === undefined ? (options.endpoints[0] ?? null) : options.namedBy),
    slots: new SourceSlots(),
    deadline,
    warn: (warning) => warnings.push(warning),
  });
  const { stallMs } = options;
  const fetcher = new Fetcher({
    source,
    signal: deadline.signal,
    ...(stallMs === undefined ? {} : { stallMs }),
  });
  return { fetcher, source, warnings, log };
}

/** All bytes of a stream. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The failure of `work`; a success fails the test. */
export async function fetchFailure(work: Promise<unknown>): Promise<FetchError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FetchError) return error;
    throw error;
  }
  throw new Error('it should have failed');
}
