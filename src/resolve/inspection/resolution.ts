/** One reference taken through its endpoints, from the first question to the finished inspection. Caches only what a digest settles; answers are `inspector.ts`'s. */
import type { Endpoint, MirrorList } from '../endpoints/endpoint.ts';
import type { Digest } from '../reference/digest.ts';
import type { Reference } from '../reference/reference.ts';
import { RegistryError } from '../registry/error.ts';
import type { Warning } from '../warning.ts';
import { EndpointClient } from './endpoint/endpoint-query.ts';
import { endpointKey } from './endpoint/attempt-log.ts';
import type { CachedContent, ListCache } from './cache.ts';
import { type EndpointLimits, applyLimits } from './endpoint/endpoint-limits.ts';
import { inconsistency, type ImageAtEndpoint } from './image/consistency.ts';
import { askable, firstAnswer } from './endpoint/fallback.ts';
import { type ResolvedImage, resolveImage } from './image/resolved-image.ts';
import type { Inspection } from './inspection.ts';
import { type FetchedManifest, getAsBlob, headOrGet, type ManifestOrDigest } from './image/fetch-manifest.ts';
import { foundWords } from './outcome/message.ts';
import { PartMissing, RemoteParts } from './image/image-parts.ts';
import { withRateLimitReserve } from './health/rate-limit-reserve.ts';
import { available, failed, pending } from './outcome/build-inspection.ts';
import { isBackground, type ResolutionDeps, type ResolutionContext, targetOf } from './context.ts';

export interface ResolutionOptions extends ResolutionDeps {
  readonly mirrors: MirrorList;
  readonly limits: EndpointLimits;
  readonly cache: ListCache;
  readonly maxConfigBytes: number;
  /** Registries, as images name them, that count GETs of manifests; their mirrors spend the same quota. */
  readonly headFirst: readonly string[];
  /** Milliseconds since the epoch, as in `Inspection.inspectedAt`. */
  readonly clock: () => number;
}

/** Either the image as one endpoint serves it, or the part of it that none has. */
type Conclusion = ImageAtEndpoint | PartMissing;

/** Does a failure leave open whether the content is there? */
function isPassing({ code }: RegistryError): boolean {
  return code === 'unavailable' || code === 'rate-limited';
}

const servedAsBlob: Warning = {
  code: 'ServedAsBlob',
  message:
    'the digest is kept as a blob and not as a manifest: nodes take its type from the answer and may refuse it',
  source: null,
};

export class Resolution {
  readonly #options: ResolutionOptions;
  readonly #turn: ResolutionContext;
  readonly #before: Digest | null;
  readonly #asker: EndpointClient;
  readonly #endpoints: readonly Endpoint[];
  readonly #warnings: readonly Warning[];

  /** `before`: what the tag meant when it was last asked. */
  constructor(options: ResolutionOptions, turn: ResolutionContext, before: Digest | null) {
    const { registry, health } = options;
    const spares = (endpoint: Endpoint): boolean => isBackground(turn) && health.isLow(endpoint);
    this.#options = { ...options, registry: withRateLimitReserve(registry, spares) };
    this.#turn = turn;
    this.#before = before;
    this.#asker = new EndpointClient(this.#options, turn);
    const list = options.mirrors.endpoints(turn.reference);
    this.#endpoints = this.#limited(list.endpoints);
    this.#warnings = list.warnings;
  }

  /** Stops at the first endpoint that serves, unless all are to be asked. Rejects for a programming error only. */
  async run(allEndpoints: boolean): Promise<Inspection> {
    const known = allEndpoints ? null : this.#known();
    if (known) return this.#report(known, []);
    const conclusions: Conclusion[] = [];
    for (const [index, endpoint] of this.#endpoints.entries()) {
      const conclusion = await this.#at(endpoint, askable(this.#endpoints, index, this.#options.health));
      if (conclusion) conclusions.push(conclusion);
      if (conclusion && !allEndpoints) break;
    }
    const last = conclusions.length === 0 ? await this.#asBlob() : undefined;
    if (last) return this.#report(last, [servedAsBlob]);
    const [first] = conclusions;
    const sightings = conclusions.filter((each): each is ImageAtEndpoint => !(each instanceof PartMissing));
    return this.#report(first, allEndpoints ? inconsistency(sightings) : []);
  }

  /** What can be said while it is still under way. */
  pending(): Inspection {
    return pending(this.#circumstances([]));
  }

  /** A digest whose content was read from one of its endpoints before costs nothing. */
  #known(): ImageAtEndpoint | undefined {
    const { reference } = this.#turn;
    const content = reference.digest === null ? undefined : this.#content(reference.digest);
    if (!content) return undefined;
    // A tag may have come from an endpoint that serves no digests: that proves nothing for this list (rule 16).
    const endpoint = this.#endpoints.find(
      (each) => each.skip === null && content.servedBy.has(endpointKey(each)),
    );
    return endpoint && this.#sighting(endpoint, content.found);
  }

  /** undefined: nothing here, the next endpoint decides. */
  async #at(endpoint: Endpoint, left: number): Promise<Conclusion | undefined> {
    const { registry } = this.#options;
    const question = headOrGet(registry, targetOf(this.#turn.reference), this.#headFirst());
    const answer = await this.#asker.query(endpoint, left, question);
    if (!answer.ok) return undefined;
    const content = this.#content(answer.value.digest);
    if (content) return this.#sighting(endpoint, content.found);
    const parts = this.#parts(answer.value.digest, endpoint);
    const served = await this.#body(answer.value, endpoint, parts);
    // A digest that nobody serves although this endpoint's tag names it: the next one's tag may name another (rule 6).
    return served && (await this.#understood(served.endpoint, served.body, parts));
  }

  /** A digest that no endpoint has as a manifest may be kept as a blob, where nodes look next. undefined: it is not. */
  async #asBlob(): Promise<Conclusion | undefined> {
    const { registry, health, maxConfigBytes } = this.#options;
    const { digest } = this.#turn.reference;
    const first = new Map(this.#turn.log.list().map((attempt) => [attempt.endpoint, attempt]));
    const isAbsent = [...first.values()].every(
      ({ result }) => result === 'not-found' || result === 'skipped',
    );
    if (digest === null || !isAbsent) return undefined;
    const query = getAsBlob(registry, digest, maxConfigBytes);
    const endpoints = this.#endpoints.filter(({ url }) => first.get(url)?.result === 'not-found');
    const answer = await firstAnswer(
      endpoints,
      async (endpoint, ask) => {
        try {
          return await query(endpoint, ask);
        } catch (error) {
          if (!(error instanceof RegistryError) || isPassing(error)) throw error;
          // What it said of the manifest is what counts.
          const { message = error.message, status = error.status } = first.get(endpoint.url) ?? {};
          throw new RegistryError('not-found', message, { status });
        }
      },
      this.#asker,
      health,
    );
    if (!('ok' in answer)) return undefined;
    return await this.#understood(answer.endpoint, answer.value, this.#parts(digest, answer.endpoint));
  }

  async #body(
    sight: ManifestOrDigest,
    endpoint: Endpoint,
    parts: RemoteParts,
  ): Promise<{ readonly endpoint: Endpoint; readonly body: FetchedManifest } | undefined> {
    if (sight.manifest !== null) return { endpoint, body: sight };
    const served = await parts.body(sight.digest);
    return served ? { endpoint: served.endpoint, body: served.value } : undefined;
  }

  async #understood(endpoint: Endpoint, body: FetchedManifest, parts: RemoteParts): Promise<Conclusion> {
    const { reference, credentials, onManifest } = this.#turn;
    onManifest?.(body, endpoint);
    try {
      const found = await resolveImage(body, parts);
      if (!found.partial) this.#options.cache.keep(reference, credentials, found, endpointKey(endpoint));
      return this.#sighting(endpoint, found);
    } catch (error) {
      if (error instanceof PartMissing) return error;
      throw error;
    }
  }

  #sighting(endpoint: Endpoint, found: ResolvedImage): ImageAtEndpoint {
    this.#turn.log.served(endpoint, found.digest, found.platforms, foundWords(found));
    return { endpoint, found };
  }

  /** HEAD where GETs are counted, or where the content is likely to be at hand already (rule 5). */
  #headFirst(): boolean {
    const { domain, digest } = this.#turn.reference;
    const likely = digest ?? this.#before;
    if (likely !== null && this.#content(likely)) return true;
    return digest === null && this.#options.headFirst.includes(domain);
  }

  #content(digest: Digest): CachedContent | undefined {
    return this.#options.cache.content(this.#turn.reference, this.#turn.credentials, digest);
  }

  #parts(digest: Digest, endpoint: Endpoint): RemoteParts {
    const { registry, health, mirrors, maxConfigBytes } = this.#options;
    const byDigest: Reference = { ...this.#turn.reference, tag: null, digest };
    const endpoints = this.#limited(mirrors.endpoints(byDigest).endpoints);
    const parts = new RemoteParts({ registry, health, asker: this.#asker, endpoints, maxConfigBytes });
    parts.prefer(endpoint);
    return parts;
  }

  #limited(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    return applyLimits(endpoints, this.#turn.reference, this.#options.limits);
  }

  #report(conclusion: Conclusion | undefined, warnings: readonly Warning[]): Inspection {
    const circumstances = this.#circumstances(warnings);
    if (conclusion === undefined) return failed(circumstances, null);
    if (conclusion instanceof PartMissing) return failed(circumstances, conclusion);
    return available(circumstances, conclusion, this.#before);
  }

  #circumstances(warnings: readonly Warning[]) {
    return {
      reference: this.#turn.reference,
      attempts: this.#turn.log.list(),
      warnings: [...this.#warnings, ...warnings, ...this.#turn.log.warnings()],
      now: this.#options.clock(),
    };
  }
}
