/**
 * Parts of an image (manifests by digest, config blobs). Each part may come from a different endpoint if the nodes' runtimes
 * allow it.
 */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { decodeConfig, decodeManifest, type ImageConfig } from '../../manifest/decode.ts';
import { ManifestError } from '../../manifest/error.ts';
import type { Descriptor, Manifest } from '../../manifest/manifest.ts';
import type { Digest } from '../../reference/digest.ts';
import type { ManifestAnswer, Registry } from '../../registry/registry.ts';
import type {
  EndpointClient,
  EndpointQuery,
  QueryFailure,
  QuerySuccess,
} from '../endpoint/endpoint-query.ts';
import { endpointKey } from '../endpoint/attempt-log.ts';
import { firstSuccess } from '../endpoint/fallback.ts';
import { type FailedResult, failedResult } from '../outcome/classify.ts';
import type { ManifestFetcher, TagResolution } from './fetch-manifest.ts';
import type { FetchedManifest } from '../../manifest/manifest.ts';
import type { PlatformParts } from './platforms.ts';

/** Error for a part that no endpoint served; the message names the part. */
export class PartMissing extends Error {
  override readonly name = 'PartMissing';
  readonly code: FailedResult['result'];
  readonly result: FailedResult;
  /** True if the nodes give up the pull after one of the failures. */
  readonly isAbort: boolean;
  constructor(part: string, failures: readonly QueryFailure[]) {
    super(part);
    this.result = failedResult(failures);
    this.code = this.result.result;
    this.isAbort = failures.some(({ isAbort }) => isAbort);
  }
}

/** Adds the endpoint that served the tag, unless the runtimes request digests only from endpoints that may serve them. */
export function withServing(
  endpoint: Endpoint,
  listed: readonly Endpoint[],
  tagResolution: TagResolution,
): readonly Endpoint[] {
  if (tagResolution === 'head-then-any') return listed;
  const isServing = (each: Endpoint): boolean => endpointKey(each) === endpointKey(endpoint);
  return listed.some(isServing)
    ? listed.map((each) => (isServing(each) ? endpoint : each))
    : [endpoint, ...listed];
}

export interface PartsOptions {
  readonly registry: Registry;
  readonly client: EndpointClient;
  readonly fetcher: ManifestFetcher;
  /** Endpoints that may serve parts, in the order to try. */
  readonly endpoints: readonly Endpoint[];
  readonly maxConfigBytes: number;
}

export class RemoteParts implements PlatformParts {
  readonly #options: PartsOptions;
  #endpoints: readonly Endpoint[];

  constructor(options: PartsOptions) {
    this.#options = options;
    this.#endpoints = options.endpoints;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Moves an endpoint of the list to the beginning, because it has just served a part of this image. */
  prefer(endpoint: Endpoint): void {
    const key = endpointKey(endpoint);
    const others = this.#endpoints.filter((each) => endpointKey(each) !== key);
    if (others.length < this.#endpoints.length) this.#endpoints = [endpoint, ...others];
  }

  /** Fetches the image's own manifest by its digest. */
  root(digest: Digest): Promise<QuerySuccess<FetchedManifest> | readonly QueryFailure[]> {
    return this.#first(this.#options.fetcher.byDigest(digest));
  }

  /** Verifies that an endpoint of the list serves the digest. */
  proof(digest: Digest): Promise<QuerySuccess<Digest> | readonly QueryFailure[]> {
    return this.#first(this.#options.fetcher.proof(digest));
  }

  async manifest({ digest }: Descriptor): Promise<Manifest | null> {
    const { registry } = this.#options;
    const result = await this.#first((endpoint, context) => registry.manifest(endpoint, { digest }, context));
    if ('ok' in result) return decodedOrNull(result.value);
    if (result.every(isTooLarge)) return null;
    throw new PartMissing(`manifest ${digest} of its index`, result);
  }

  async config({ digest, size }: Descriptor): Promise<ImageConfig | null> {
    const { registry, maxConfigBytes } = this.#options;
    if (size > maxConfigBytes) return null;
    const result = await this.#first((endpoint, context) =>
      registry.blob(endpoint, digest, maxConfigBytes, context),
    );
    if ('ok' in result) return decodeConfig(result.value);
    if (result.every(isTooLarge)) return null;
    throw new PartMissing(`config blob ${digest}`, result);
  }

  isAbsent(error: unknown): boolean {
    return error instanceof PartMissing && error.code === 'not-found';
  }

  async #first<T>(query: EndpointQuery<T>): Promise<QuerySuccess<T> | readonly QueryFailure[]> {
    const result = await firstSuccess(this.#endpoints, query, this.#options.client);
    if ('ok' in result) this.prefer(result.endpoint);
    return result;
  }
}

/** Returns null if the body is not a manifest. Its digest is verified, so every endpoint has the same body. */
function decodedOrNull({ body, mediaType }: ManifestAnswer): Manifest | null {
  try {
    return decodeManifest(body, mediaType);
  } catch (error) {
    if (error instanceof ManifestError) return null;
    throw error;
  }
}

function isTooLarge({ reason }: QueryFailure): boolean {
  return reason === 'TooLarge';
}
