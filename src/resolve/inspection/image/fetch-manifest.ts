/**
 * Requests for a manifest at one endpoint. They follow the sequence of the nodes' runtimes if it affects the result; otherwise
 * they are as few as possible.
 */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { RuntimeProfile } from '../../endpoints/runtime/runtime-profile.ts';
import { decodeManifest } from '../../manifest/decode.ts';
import { ManifestError } from '../../manifest/error.ts';
import type { FetchedManifest, Manifest } from '../../manifest/manifest.ts';
import { shapeOf } from '../../manifest/media-types.ts';
import type { Digest } from '../../reference/digest.ts';
import { RegistryError } from '../../registry/error.ts';
import type {
  HeadAnswer,
  ManifestAnswer,
  Registry,
  AttemptContext,
  Target,
} from '../../registry/registry.ts';
import type { EndpointQuery } from '../endpoint/endpoint-query.ts';
import type { Irregularity, RuntimeReactions } from '../endpoint/runtime-reactions.ts';

/** The whole manifest, or only its digest. */
export type ManifestOrDigest = FetchedManifest | { readonly digest: Digest; readonly manifest: null };

/** Requests that turn a tag into a manifest; `least-requests` if the runtimes of the nodes differ. */
export type TagResolution = RuntimeProfile['tagResolution'] | 'least-requests';

export function tagResolutionOf(profiles: readonly RuntimeProfile[]): TagResolution {
  const [first, ...others] = profiles.map(({ tagResolution }) => tagResolution);
  return first !== undefined && others.every((each) => each === first) ? first : 'least-requests';
}

const brokenBodies: ReadonlySet<string> = new Set(['DigestMismatch', 'Truncated', 'ContentEncoding']);

export class ManifestFetcher {
  readonly #registry: Registry;
  readonly #reactions: RuntimeReactions;
  readonly #resolution: TagResolution;

  constructor(registry: Registry, reactions: RuntimeReactions, resolution: TagResolution) {
    this.#registry = registry;
    this.#reactions = reactions;
    this.#resolution = resolution;
  }

  /**
   * Resolves the target of a reference. `isHeadFirst` is true if a GET counts against a rate limit, or the content is probably
   * cached.
   */
  resolve(target: Target, isHeadFirst: boolean): EndpointQuery<ManifestOrDigest> {
    if ('tag' in target && this.#resolution === 'head-then-any') return this.#headStrictly(target);
    if ('tag' in target && this.#resolution === 'head-then-same') return this.#headThenGet(target, true);
    return this.#headThenGet(target, isHeadFirst);
  }

  /** Fetches the manifest of a tag whose digest is known from HEAD. */
  byTag(target: Target): EndpointQuery<FetchedManifest> {
    return (endpoint, context) => this.#get(endpoint, target, context, true);
  }

  /** Fetches the manifest of a digest that the response for a tag named. */
  byDigest(digest: Digest): EndpointQuery<FetchedManifest> {
    // containerd keeps the type from HEAD, so the type of this response does not matter to it.
    const isChecked = this.#resolution !== 'head-then-any';
    return (endpoint, context) => this.#get(endpoint, { digest }, context, isChecked);
  }

  /** Fetches a manifest that an endpoint stores as a blob. */
  asBlob(digest: Digest, maxBytes: number): EndpointQuery<FetchedManifest> {
    return async (endpoint, context) => {
      const body = await this.#registry.blob(endpoint, digest, maxBytes, context);
      const answer = { digest, mediaType: null, hasMalformedDigest: false, body };
      return { digest, manifest: this.#decode(endpoint, answer), size: body.byteLength };
    };
  }

  /** Verifies by HEAD that an endpoint serves a digest. */
  proof(digest: Digest): EndpointQuery<Digest> {
    return async (endpoint, context) => {
      const head = await this.#headTolerantly(endpoint, { digest }, context);
      return head.digest ?? (await this.#get(endpoint, { digest }, context, false)).digest;
    };
  }

  /**
   * Resolves a tag as containerd does: HEAD decides, and GET of the tag follows only if HEAD lacks the digest or the length.
   */
  #headStrictly(target: Target): EndpointQuery<ManifestOrDigest> {
    return async (endpoint, context) => {
      let head: HeadAnswer;
      try {
        head = await this.#registry.head(endpoint, target, context);
      } catch (error) {
        return await this.#afterFailedHead(endpoint, target, context, error);
      }
      if (head.hasMalformedDigest && head.size !== null) this.#reportMalformedDigest(endpoint);
      this.#checkType(endpoint, head.mediaType);
      if (head.digest !== null && head.size !== null) return { digest: head.digest, manifest: null };
      try {
        const { digest } = await this.#get(endpoint, target, context, false);
        return { digest, manifest: null };
      } catch (error) {
        throw this.#failure('FailedGetAfterHead', endpoint, error);
      }
    };
  }

  async #afterFailedHead(
    endpoint: Endpoint,
    target: Target,
    context: AttemptContext,
    error: unknown,
  ): Promise<ManifestOrDigest> {
    if (!(error instanceof RegistryError)) throw error;
    // containerd repeats the request as GET only after 405.
    if (error.status === 405) {
      const { digest } = await this.#get(endpoint, target, context, true);
      return { digest, manifest: null };
    }
    // A response to HEAD has no body, so a GET is sent to obtain the error message.
    if (lacksWords(error)) await this.#registry.manifest(endpoint, target, context);
    throw this.#failure(isBrokenRedirect(error) ? 'BrokenRedirect' : null, endpoint, error);
  }

  #headThenGet(target: Target, isHeadFirst: boolean): EndpointQuery<ManifestOrDigest> {
    return async (endpoint, context) => {
      const { digest, isNotFound } = isHeadFirst
        ? await this.#headTolerantly(endpoint, target, context)
        : { digest: null, isNotFound: false };
      if (digest !== null) return { digest, manifest: null };
      const fetched = await this.#get(endpoint, target, context, true);
      if (isNotFound && 'tag' in target) {
        this.#reactions.check('HeadNotFound', endpoint, 'it answers 404 to HEAD and 200 to GET');
      }
      return fetched;
    };
  }

  /** Resolves a tag by HEAD. The digest is null if HEAD returns no usable digest but GET may. */
  async #headTolerantly(
    endpoint: Endpoint,
    target: Target,
    context: AttemptContext,
  ): Promise<{ readonly digest: Digest | null; readonly isNotFound: boolean }> {
    try {
      const head = await this.#registry.head(endpoint, target, context);
      if (head.hasMalformedDigest && 'tag' in target) this.#reportMalformedDigest(endpoint);
      // If HEAD returns another digest than the requested one, or none, as for a login page, the GET decides.
      const isUsable = 'tag' in target || head.digest === target.digest;
      return { digest: isUsable ? head.digest : null, isNotFound: false };
    } catch (error) {
      if (!(error instanceof RegistryError) || !isWorthGet(error)) throw error;
      return { digest: null, isNotFound: error.code === 'not-found' };
    }
  }

  #reportMalformedDigest(endpoint: Endpoint): void {
    this.#reactions.check('MalformedDigestHeader', endpoint, 'its Docker-Content-Digest is not a digest');
  }

  async #get(
    endpoint: Endpoint,
    target: Target,
    context: AttemptContext,
    isChecked: boolean,
  ): Promise<FetchedManifest> {
    let answer: ManifestAnswer;
    try {
      answer = await this.#registry.manifest(endpoint, target, context);
    } catch (error) {
      throw this.#failure(irregularityOf(error, target), endpoint, error);
    }
    if (isChecked && answer.hasMalformedDigest && 'tag' in target) this.#reportMalformedDigest(endpoint);
    const manifest = this.#decode(endpoint, answer);
    if (isChecked) {
      this.#checkType(endpoint, answer.mediaType);
      this.#checkSwap(endpoint, manifest);
    }
    return { digest: answer.digest, manifest, size: answer.body.byteLength };
  }

  /** Decodes a body. A body that is not a manifest is a failure of this endpoint only: another may have the manifest. */
  #decode(endpoint: Endpoint, { body, mediaType }: ManifestAnswer): Manifest {
    try {
      return decodeManifest(body, mediaType);
    } catch (cause) {
      if (!(cause instanceof ManifestError)) throw cause;
      const error = new RegistryError('malformed', cause.message, { reason: cause.code, status: 200, cause });
      throw this.#reactions.failure('InvalidManifest', endpoint, error);
    }
  }

  #checkType(endpoint: Endpoint, mediaType: string | null): void {
    if (mediaType !== null && shapeOf(mediaType) !== null) return;
    const declared = mediaType === null ? 'no Content-Type' : `the Content-Type ${mediaType}`;
    this.#reactions.check('UnknownMediaType', endpoint, `it sends a manifest with ${declared}`);
  }

  #checkSwap(endpoint: Endpoint, manifest: Manifest): void {
    if (manifest.kind !== 'index' && manifest.kind !== 'image') return;
    if (!manifest.hasSwappedType) return;
    const irregularity = manifest.kind === 'index' ? 'SwappedIndexType' : 'SwappedManifestType';
    const message = `it mixes docker and OCI media types (the manifest names ${manifest.mediaType})`;
    this.#reactions.check(irregularity, endpoint, message);
  }

  #failure(irregularity: Irregularity | null, endpoint: Endpoint, error: unknown): unknown {
    if (irregularity === null || !(error instanceof RegistryError)) return error;
    return this.#reactions.failure(irregularity, endpoint, error);
  }
}

function irregularityOf(error: unknown, target: Target): Irregularity | null {
  if (!(error instanceof RegistryError)) return null;
  if (isBrokenRedirect(error)) return 'BrokenRedirect';
  if (error.reason === 'DigestMismatch' && 'digest' in target) return 'WrongDigest';
  return brokenBodies.has(error.reason ?? '') ? 'BrokenBody' : null;
}

/** Returns true for an error status that needs an explanation, which excludes 404. A GET after a 429 is not counted again. */
function lacksWords({ code, status, reason }: RegistryError): boolean {
  if (status === null || reason === 'Token') return false;
  return code === 'denied' || code === 'unavailable' || code === 'rate-limited';
}

function isBrokenRedirect({ reason }: RegistryError): boolean {
  return reason === 'NoLocation';
}

/**
 * Returns true if a GET may succeed or explain more. Some servers do not support HEAD (405, 501) or answer it unlike GET
 * (404), and all send their message only to GET. After a missing token or a response that is not HTTP, a GET would fail too.
 */
function isWorthGet({ code, status, reason }: RegistryError): boolean {
  if (status === null || reason === 'Token') return false;
  switch (code) {
    case 'not-found':
    case 'denied':
    case 'unavailable':
    case 'rate-limited':
      return true;
    case 'malformed':
      return reason === 'UnexpectedStatus';
    case 'tls':
      return false;
    default:
      return code satisfies never;
  }
}
