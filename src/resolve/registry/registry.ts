/** Interface of the registry client, which sends requests to one endpoint. `inspection/` does fallback, caching and budgets. */
import type { Credential } from '../credentials/credential.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Digest } from '../reference/digest.ts';

/** Tag or digest: the last component of a manifest's URL. */
export type Target = { readonly tag: string } | { readonly digest: Digest };

/** Request counters of one endpoint; valid after a failure too. */
export interface RequestTally {
  /** HTTP requests to the endpoint, redirects included. */
  requests: number;
  tokenRequests: number;
  /** Last HTTP status; null if there was no response. */
  status: number | null;
  /** True if the last request went in plain http, which may be a fallback from https. */
  isPlainHttp: boolean;
  /** Sources of the credentials that were sent, `Secret team-a/pull`; empty if none was sent. */
  readonly credentialSources: Set<string>;
}

/**
 * Scopes of a token request. `challenge`: the challenge's own scope, else the repository's. `union`: both, as containerd
 * requests them. `repository`: the repository's own, whatever the challenge says.
 */
export type ScopeRule = 'challenge' | 'union' | 'repository';

/** The caller's side of one request: deadline, counters and credentials. */
export interface AttemptContext {
  /** Aborts at the attempt's deadline or when the caller cancels. Covers connect, token, headers and body. */
  readonly signal: AbortSignal;
  readonly tally: RequestTally;
  /** Returns credential candidates for the endpoint as contacted, which may be in plain text by now. Called only after a challenge. */
  readonly credentials: (endpoint: Endpoint) => Promise<readonly Credential[]>;
  /** Separates the cached tokens of different callers. */
  readonly credentialsId: string;
  readonly scopeRule: ScopeRule;
}

export interface HeadAnswer {
  /** Value of `Docker-Content-Digest`: a cache key, never proof. null if missing or malformed. */
  readonly digest: Digest | null;
  /** True if the header is present but not a digest. */
  readonly hasMalformedDigest: boolean;
  readonly mediaType: string | null;
  readonly size: number | null;
}

export interface ManifestAnswer {
  /** Digest of the body (of signed schema 1: of its payload). Verified against the requested digest and the header, if any. */
  readonly digest: Digest;
  /** Declared `Content-Type` without parameters; null if absent. */
  readonly mediaType: string | null;
  /** True if `Docker-Content-Digest` is present but not a digest. */
  readonly hasMalformedDigest: boolean;
  readonly body: Uint8Array;
}

/** HTTP client with TLS profiles, proxies, challenges, tokens, redirects and limits. Throws `RegistryError` only. */
export interface Registry {
  head(endpoint: Endpoint, target: Target, context: AttemptContext): Promise<HeadAnswer>;
  manifest(endpoint: Endpoint, target: Target, context: AttemptContext): Promise<ManifestAnswer>;
  /** Returns a blob of at most `maxBytes`, verified by its digest. */
  blob(endpoint: Endpoint, digest: Digest, maxBytes: number, context: AttemptContext): Promise<Uint8Array>;
  /** Closes all connections; running requests fail. */
  close(): Promise<void>;
}
