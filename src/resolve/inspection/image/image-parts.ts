/** The parts of an image, asked for one by one: each may come from another endpoint, first from the one that last worked (rule 6). */

import type { Endpoint } from '../../endpoints/endpoint.ts';
import { decodeConfig, decodeManifest } from '../../manifest/decode.ts';
import { ManifestError } from '../../manifest/error.ts';
import type { Descriptor, Manifest } from '../../manifest/manifest.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import type { ManifestAnswer, Registry } from '../../registry/registry.ts';
import type {
  EndpointClient,
  EndpointQuery,
  QueryFailure,
  QuerySuccess,
} from '../endpoint/endpoint-query.ts';
import { endpointKey } from '../endpoint/attempt-log.ts';
import { type Overall, overall } from '../outcome/classify.ts';
import { firstAnswer } from '../endpoint/fallback.ts';
import type { EndpointHealth } from '../health/endpoint-health.ts';
import { type FetchedManifest, getByDigest } from './fetch-manifest.ts';
import type { PlatformParts } from './platforms.ts';

/** No endpoint served a part of the image. */
export class PartMissing extends Error {
  override readonly name = 'PartMissing';
  readonly code: Overall['result'];
  readonly overall: Overall;
  /** `what` names the part. */
  constructor(what: string, refusals: readonly QueryFailure[]) {
    const all = overall(refusals);
    super(what);
    this.code = all.result;
    this.overall = all;
  }
}

export interface PartsOptions {
  readonly registry: Registry;
  readonly health: EndpointHealth;
  readonly asker: EndpointClient;
  /** Those that may serve digests, in order. */
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

  /** `endpoint` is asked first from now on, even if the list for digests leaves it out: it has just served this image. */
  prefer(endpoint: Endpoint): void {
    const key = endpointKey(endpoint);
    this.#endpoints = [endpoint, ...this.#endpoints.filter((each) => endpointKey(each) !== key)];
  }

  /** A manifest by its digest, and who served it; null: nobody did. */
  async body(digest: Digest): Promise<QuerySuccess<FetchedManifest> | null> {
    const answer = await this.#first(getByDigest(this.#options.registry, digest));
    return 'ok' in answer ? answer : null;
  }

  async manifest({ digest }: Descriptor): Promise<Manifest | null> {
    const { registry } = this.#options;
    const answer = await this.#first((endpoint, context) => registry.manifest(endpoint, { digest }, context));
    if ('ok' in answer) return decodedOrNull(answer.value);
    if (answer.every(isTooLarge)) return null;
    throw new PartMissing(`manifest ${digest} of its index`, answer);
  }

  async platform({ digest, size }: Descriptor): Promise<Platform | null> {
    const { registry, maxConfigBytes } = this.#options;
    if (size > maxConfigBytes) return null;
    const answer = await this.#first((endpoint, context) => registry.blob(endpoint, digest, maxConfigBytes, context));
    if ('ok' in answer) return decodeConfig(answer.value)?.platform ?? null;
    if (answer.every(isTooLarge)) return null;
    throw new PartMissing(`config blob ${digest}`, answer);
  }

  isAbsent(error: unknown): boolean {
    return error instanceof PartMissing && error.code === 'not-found';
  }

  async #first<T>(question: EndpointQuery<T>): Promise<QuerySuccess<T> | readonly QueryFailure[]> {
    const { asker, health } = this.#options;
    const answer = await firstAnswer(this.#endpoints, question, asker, health);
    if ('ok' in answer) this.prefer(answer.endpoint);
    return answer;
  }
}

/** The digest was right, so every endpoint has the same nonsense: nobody else need be asked. */
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
