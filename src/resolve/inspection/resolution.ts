/**
 * Resolution of one reference through its endpoints. It caches only content that a digest identifies; `inspector.ts` caches
 * inspections.
 */
import type { Endpoint, MirrorList } from '../endpoints/endpoint.ts';
import type { RuntimeProfile } from '../endpoints/runtime/runtime-profile.ts';
import type { Digest } from '../reference/digest.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import type { CachedContent, ListCache } from './cache.ts';
import {
  isBackground,
  pullSecretScope,
  type ResolutionContext,
  type ResolutionDeps,
  scopeRule,
  targetOf,
} from './context.ts';
import { AttemptLog, endpointKey } from './endpoint/attempt-log.ts';
import { applyLimits, type EndpointLimits } from './endpoint/endpoint-limits.ts';
import { EndpointClient, type QueryFailure } from './endpoint/endpoint-query.ts';
import { RuntimeReactions } from './endpoint/runtime-reactions.ts';
import { withRateLimitReserve } from './health/rate-limit-reserve.ts';
import { findBlob } from './image/blob-search.ts';
import { ManifestFetcher, type TagResolution, tagResolutionOf } from './image/fetch-manifest.ts';
import type { FetchedManifest } from '../manifest/manifest.ts';
import { PartMissing, RemoteParts, withServing } from './image/image-parts.ts';
import { type ImageAtEndpoint, resolveImage } from './image/resolved-image.ts';
import type { Inspection } from './inspection.ts';
import {
  availableInspection,
  failedInspection,
  inconsistencyWarnings,
  pendingInspection,
} from './outcome/build-inspection.ts';
import { type FailedResult, failedResult, refusedByNodes } from './outcome/classify.ts';
import { foundText } from './outcome/message.ts';

export interface ResolutionOptions extends ResolutionDeps {
  readonly mirrors: MirrorList;
  readonly limits: EndpointLimits;
  /** Warnings about the configuration that concern every image. */
  readonly configurationWarnings: readonly Warning[];
  readonly cache: ListCache;
  readonly maxConfigBytes: number;
  /** Registries, by the domain of the image, that count GETs of manifests. Requests through their mirrors count too. */
  readonly headFirst: readonly string[];
  /** Returns milliseconds since the epoch, as in `Inspection.inspectedAt`. */
  readonly clock: () => number;
}

/** The image at the endpoint that serves it, or the failure that decides the result. */
type Conclusion = ImageAtEndpoint | DecidedFailure;

interface DecidedFailure {
  readonly failure: FailedResult;
  readonly missingPart: string | null;
}

const servedAsBlob: Warning = {
  code: 'ServedAsBlob',
  message:
    'the digest is kept as a blob and not as a manifest: nodes take its type from the answer and may refuse it',
  source: null,
};

export class Resolution {
  readonly #options: ResolutionOptions;
  readonly #context: ResolutionContext;
  readonly #earlierDigest: Digest | null;
  readonly #client: EndpointClient;
  readonly #fetcher: ManifestFetcher;
  /** Profiles of the nodes; empty for a caller that is not a node. */
  readonly #profiles: readonly RuntimeProfile[];
  readonly #tagResolution: TagResolution;
  readonly #endpoints: readonly Endpoint[];
  readonly #warnings: readonly Warning[];
  readonly #silence = Promise.withResolvers<void>();
  #isSilent = false;

  /** `earlierDigest` is the tag's digest at its last resolution, null if unknown. */
  constructor(
    options: ResolutionOptions,
    request: Pick<
      ResolutionContext,
      'reference' | 'credentials' | 'purpose' | 'callerDeadline' | 'workDeadline' | 'onManifest'
    > & {
      /** False for a caller that is not a node, which accepts every valid manifest. */
      readonly asNode: boolean;
    },
    earlierDigest: Digest | null,
  ) {
    const { registry, health, mirrors } = options;
    const profiles = request.asNode ? mirrors.profiles : [];
    const context: ResolutionContext = {
      ...request,
      log: new AttemptLog(),
      reactions: new RuntimeReactions(profiles),
      onSilence: () => {
        this.#isSilent = true;
        this.#silence.resolve();
      },
    };
    const isReserved = (endpoint: Endpoint): boolean => isBackground(context) && health.isLow(endpoint);
    this.#options = { ...options, registry: withRateLimitReserve(registry, isReserved) };
    this.#context = context;
    this.#earlierDigest = earlierDigest;
    this.#profiles = profiles;
    this.#tagResolution = tagResolutionOf(profiles);
    this.#fetcher = new ManifestFetcher(this.#options.registry, context.reactions, this.#tagResolution);
    const rules = { pullSecretScope: pullSecretScope(mirrors.profiles), scopeRule: scopeRule(profiles) };
    this.#client = new EndpointClient(this.#options, context, rules);
    const list = mirrors.endpoints(context.reference);
    this.#endpoints = this.#limited(list.endpoints);
    this.#warnings = [...options.configurationWarnings, ...list.warnings];
  }

  /** True if the last endpoint has been silent for its time limit; the resolution continues. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Resolves when `isSilent` becomes true. */
  get silence(): Promise<void> {
    return this.#silence.promise;
  }

  /** Stops at the first endpoint that decides, unless `allEndpoints` is true. Rejects only for a programming error. */
  async run(allEndpoints: boolean): Promise<Inspection> {
    const known = allEndpoints ? null : this.#known();
    if (known) return this.#report(known, []);
    const conclusions: Conclusion[] = [];
    for (const [index, endpoint] of this.#endpoints.entries()) {
      const conclusion = await this.#resolveAt(endpoint, index, conclusions.length > 0);
      if (conclusion) conclusions.push(conclusion);
      if (conclusion && !allEndpoints) break;
    }
    const asBlob = conclusions.length === 0 ? await this.#resolveAsBlob() : undefined;
    if (asBlob) return this.#report(asBlob, [servedAsBlob]);
    const images = conclusions.filter((each) => 'image' in each);
    return this.#report(conclusions[0], allEndpoints ? inconsistencyWarnings(images) : []);
  }

  /** Returns the intermediate result while the resolution is running. */
  pending(): Inspection {
    return pendingInspection(this.#base([]));
  }

  /** Returns a digest's content without a request if one of its endpoints has served the digest before. */
  #known(): ImageAtEndpoint | null {
    const { digest } = this.#context.reference;
    const content = digest === null ? undefined : this.#content(digest);
    return content ? this.#proved(content, this.#endpoints) : null;
  }

  /** Returns the image if an endpoint has served its digest. A tag's response does not prove that. */
  #proved(content: CachedContent, endpoints: readonly Endpoint[]): ImageAtEndpoint | null {
    const endpoint = endpoints.find((each) => each.skip === null && content.servedBy.has(endpointKey(each)));
    return endpoint ? this.#serve({ endpoint, image: content.image }) : null;
  }

  /** Returns undefined if the next endpoint decides. `isCompared` is true if an endpoint before it has decided the result. */
  async #resolveAt(endpoint: Endpoint, index: number, isCompared: boolean): Promise<Conclusion | undefined> {
    const left = this.#client.countFrom(this.#endpoints, index);
    const { reference } = this.#context;
    const result = await this.#client.query(
      endpoint,
      left,
      this.#fetcher.resolve(targetOf(reference), this.#isHeadFirst()),
    );
    if (!result.ok) return giveUp(result);
    const { digest } = result.value;
    const content = this.#content(digest);
    const parts = this.#parts(digest, endpoint);
    if (content) {
      if (reference.digest !== null) this.#keep(content, endpoint);
      else if (this.#tagResolution === 'head-then-any' && !isCompared)
        return await this.#prove(content, endpoint, parts);
      return this.#serve({ endpoint, image: content.image });
    }
    if (result.value.manifest !== null) {
      return await this.#readImage(endpoint, result.value, parts, index, reference.digest !== null);
    }
    return await this.#fetchRoot(digest, endpoint, parts, index);
  }

  /** Returns undefined if the digest is not found among the blobs either. */
  async #resolveAsBlob(): Promise<Conclusion | undefined> {
    const { digest } = this.#context.reference;
    const isContainerd = this.#profiles.some(({ tagResolution }) => tagResolution === 'head-then-any');
    if (digest === null || !isContainerd) return undefined;
    const query = this.#fetcher.asBlob(digest, this.#options.maxConfigBytes);
    const found = await findBlob(this.#endpoints, this.#context.log.list(), query, this.#client);
    if (!found) return undefined;
    const parts = this.#parts(digest, found.endpoint);
    // No endpoint is left after this search.
    return await this.#readImage(found.endpoint, found.value, parts, this.#endpoints.length, true);
  }

  /** Fetches the manifest of a digest that HEAD of the tag returned. */
  async #fetchRoot(
    digest: Digest,
    endpoint: Endpoint,
    parts: RemoteParts,
    index: number,
  ): Promise<Conclusion | undefined> {
    const left = this.#client.countFrom(this.#endpoints, index);
    if (this.#tagResolution === 'get' || this.#tagResolution === 'head-then-same') {
      const query =
        this.#tagResolution === 'get'
          ? this.#fetcher.byTag(targetOf(this.#context.reference))
          : this.#fetcher.byDigest(digest);
      const result = await this.#client.query(endpoint, left, query);
      if (!result.ok) return giveUp(result);
      const isByDigest = this.#tagResolution === 'head-then-same';
      return await this.#readImage(endpoint, result.value, parts, index, isByDigest);
    }
    const served = await parts.root(digest);
    if ('ok' in served) return await this.#readImage(served.endpoint, served.value, parts, index, true);
    return this.#digestNotServed(endpoint, digest, served);
  }

  async #prove(
    content: CachedContent,
    endpoint: Endpoint,
    parts: RemoteParts,
  ): Promise<Conclusion | undefined> {
    const proved = this.#proved(content, parts.endpoints);
    if (proved) return proved;
    const served = await parts.proof(content.image.digest);
    if (!('ok' in served)) return this.#digestNotServed(endpoint, content.image.digest, served);
    this.#keep(content, served.endpoint);
    return this.#serve({ endpoint: served.endpoint, image: content.image });
  }

  /**
   * Returns a decision if the runtimes give up, as containerd does. Other runtimes resolve the tag at the next endpoint, which
   * may return another digest.
   */
  #digestNotServed(
    endpoint: Endpoint,
    digest: Digest,
    failures: readonly QueryFailure[],
  ): DecidedFailure | undefined {
    const { result } = failedResult(failures);
    const message = `no endpoint serves ${digest}, which its tag names`;
    const isGivenUp = failures.some(({ isAbort }) => isAbort);
    if (this.#tagResolution !== 'head-then-any' && !isGivenUp) return undefined;
    if (result === 'not-found' || isGivenUp) {
      this.#context.reactions.warn('NodesRefuse', endpoint, message);
      return { failure: refusedByNodes, missingPart: isGivenUp ? null : `manifest ${digest}` };
    }
    return { failure: failedResult(failures), missingPart: `manifest ${digest}` };
  }

  async #readImage(
    endpoint: Endpoint,
    fetched: FetchedManifest,
    parts: RemoteParts,
    index: number,
    isByDigest: boolean,
  ): Promise<Conclusion> {
    const { reference, credentials, onManifest } = this.#context;
    onManifest?.(fetched, endpoint);
    try {
      const image = await resolveImage(fetched, parts);
      if (!image.isPartial) {
        this.#options.cache.keep(reference, credentials, image, isByDigest ? endpointKey(endpoint) : null);
      }
      return this.#serve({ endpoint, image });
    } catch (error) {
      if (!(error instanceof PartMissing)) throw error;
      // CRI-O requests the parts from no other endpoint, even if one has them.
      const isRefused = this.#isFromOneEndpoint() && error.code === 'not-found' && this.#hasLater(index);
      const failure = error.isAbort || isRefused ? refusedByNodes : error.result;
      return { failure, missingPart: error.message };
    }
  }

  #isFromOneEndpoint(): boolean {
    const isOne = ({ partsFrom }: RuntimeProfile): boolean => partsFrom === 'manifest-endpoint';
    return this.#tagResolution === 'get' && this.#profiles.every(isOne);
  }

  #hasLater(index: number): boolean {
    return this.#endpoints.slice(index + 1).some(({ skip }) => skip === null);
  }

  #keep({ image }: CachedContent, endpoint: Endpoint): void {
    const { reference, credentials } = this.#context;
    this.#options.cache.keep(reference, credentials, image, endpointKey(endpoint));
  }

  #serve(found: ImageAtEndpoint): ImageAtEndpoint {
    const { digest, platforms } = found.image;
    this.#context.log.served(found.endpoint, digest, platforms, foundText(found.image));
    return found;
  }

  /** Returns true if HEAD must come first: a GET counts against a rate limit, or the content is probably cached. */
  #isHeadFirst(): boolean {
    const { domain, digest } = this.#context.reference;
    const likely = digest ?? this.#earlierDigest;
    if (likely !== null && this.#content(likely)) return true;
    return digest === null && this.#options.headFirst.includes(domain);
  }

  #content(digest: Digest): CachedContent | undefined {
    return this.#options.cache.content(this.#context.reference, this.#context.credentials, digest);
  }

  #parts(digest: Digest, endpoint: Endpoint): RemoteParts {
    const { registry, mirrors, maxConfigBytes } = this.#options;
    const byDigest: Reference = { ...this.#context.reference, tag: null, digest };
    const listed = this.#limited(mirrors.endpoints(byDigest).endpoints);
    const endpoints = this.#isFromOneEndpoint()
      ? [endpoint]
      : withServing(endpoint, listed, this.#tagResolution);
    const client = this.#client;
    const parts = new RemoteParts({ registry, client, fetcher: this.#fetcher, endpoints, maxConfigBytes });
    parts.prefer(endpoint);
    return parts;
  }

  #limited(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    return applyLimits(endpoints, this.#context.reference, this.#options.limits);
  }

  #report(conclusion: Conclusion | undefined, warnings: readonly Warning[]): Inspection {
    const base = this.#base(warnings);
    if (conclusion === undefined) return failedInspection(base, failedResult(base.attempts));
    if ('failure' in conclusion) return failedInspection(base, conclusion.failure, conclusion.missingPart);
    const url = this.#context.log.urlOf(conclusion.endpoint);
    const endpoint = { ...conclusion.endpoint, url };
    return availableInspection(base, { ...conclusion, endpoint }, this.#earlierDigest);
  }

  #base(warnings: readonly Warning[]) {
    return {
      reference: this.#context.reference,
      attempts: this.#context.log.list(),
      warnings: [
        ...this.#warnings,
        ...this.#context.reactions.warnings,
        ...warnings,
        ...this.#context.log.warnings(),
      ],
      now: this.#options.clock(),
    };
  }
}

/**
 * Returns the decision about the image if every runtime gives up after the failure; undefined if the next endpoint decides.
 */
function giveUp({ isAbort }: QueryFailure): DecidedFailure | undefined {
  return isAbort ? { failure: refusedByNodes, missingPart: null } : undefined;
}
