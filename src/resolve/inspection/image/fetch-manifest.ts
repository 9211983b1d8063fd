/** A manifest looked up at one endpoint with the fewest requests (rule 5). */

import type { Endpoint } from '../../endpoints/endpoint.ts';
import { decodeManifest } from '../../manifest/decode.ts';
import { ManifestError } from '../../manifest/error.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { Digest } from '../../reference/digest.ts';
import { RegistryError } from '../../registry/error.ts';
import type { RequestContext, ManifestAnswer, Registry, Target } from '../../registry/registry.ts';
import type { EndpointQuery } from '../endpoint/endpoint-query.ts';

export interface FetchedManifest {
  readonly digest: Digest;
  readonly manifest: Manifest;
  /** Bytes. */
  readonly size: number;
}

/** What an endpoint says of a target: the whole body, or only its digest by HEAD. */
export type ManifestOrDigest = FetchedManifest | { readonly digest: Digest; readonly manifest: null };

/** `headFirst`: a GET costs quota, or the content is likely to be known already. */
export function headOrGet(
  registry: Registry,
  target: Target,
  headFirst: boolean,
): EndpointQuery<ManifestOrDigest> {
  return async (endpoint, context) => {
    const digest = headFirst ? await headDigest(registry, endpoint, target, context) : null;
    return digest === null ? await body(registry, endpoint, target, context) : { digest, manifest: null };
  };
}

/** The whole body. */
export function getByDigest(registry: Registry, digest: Digest): EndpointQuery<FetchedManifest> {
  return (endpoint, context) => body(registry, endpoint, { digest }, context);
}

async function body(
  registry: Registry,
  endpoint: Endpoint,
  target: Target,
  context: RequestContext,
): Promise<FetchedManifest> {
  const answer = await registry.manifest(endpoint, target, context);
  return { digest: answer.digest, manifest: decoded(answer), size: answer.body.byteLength };
}

/** A manifest that is kept where blobs are, at an endpoint that has not got it where manifests are. */
export function getAsBlob(
  registry: Registry,
  digest: Digest,
  maxBytes: number,
): EndpointQuery<FetchedManifest> {
  return async (endpoint, ask) => {
    const body = await registry.blob(endpoint, digest, maxBytes, ask);
    return { digest, manifest: decoded({ digest, mediaType: null, body }), size: body.byteLength };
  };
}

/** What is no manifest is this endpoint's failure: another may have the real one. */
function decoded({ body, mediaType }: ManifestAnswer): Manifest {
  try {
    return decodeManifest(body, mediaType);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    throw new RegistryError('malformed', cause.message, { reason: cause.code, cause });
  }
}

/** null: HEAD told nothing, which a GET may. */
async function headDigest(
  registry: Registry,
  endpoint: Endpoint,
  target: Target,
  context: RequestContext,
): Promise<Digest | null> {
  try {
    const { digest } = await registry.head(endpoint, target, context);
    if ('tag' in target) return digest;
    // Another digest than the one asked for, or none (a login page has none), is for the GET to judge.
    return digest === target.digest ? digest : null;
  } catch (error) {
    if (error instanceof RegistryError && isWorthGet(error)) return null;
    throw error;
  }
}

/**
 * Answers to HEAD have no body: some servers do not know the method, or answer it as they would not answer GET, and all keep
 * what they have to say for GET. A 429 is not counted again. Without a token, or without any answer, a GET gets no further.
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
