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
  /** What the endpoint warned of (`Warning: 299`), each once; undefined if it warned of nothing. */
  warnings?: Set<string>;
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

/** Where registries keep content: manifests by type, everything else as blobs. */
export type ContentPath = 'manifests' | 'blobs';

/** How content is asked for. */
export interface ContentRequest {
  readonly method: 'GET' | 'HEAD';
  /** Asked for before any other type; '' for any. */
  readonly mediaType: string;
  /** Value of `Range`; null for all of it. */
  readonly range: string | null;
}

/** The head of an answer about content. Its bytes must be read, or it must be closed. */
export interface ContentAnswer {
  /** 2xx. */
  readonly status: number;
  /** Method and URL without its query, for messages. */
  readonly where: string;
  /** `Content-Type` without parameters; null when absent. */
  readonly mediaType: string | null;
  /** `Content-Length`: bytes as sent, encoded or not; null when absent. */
  readonly length: number | null;
  /** `Content-Range`; null when absent. */
  readonly contentRange: string | null;
  /** In the order in which they were applied. */
  readonly encodings: readonly string[];
  /** The bytes with all encodings undone. Throws `RegistryError`; leaving it early ends the connection. */
  bytes(): AsyncIterable<Uint8Array>;
  close(): void;
}

/** One HTTP client; knows TLS profiles, proxies, challenges, tokens, redirects and limits. Throws `RegistryError` only. */
export interface Registry {
  head(endpoint: Endpoint, target: Target, context: AttemptContext): Promise<HeadAnswer>;
  manifest(endpoint: Endpoint, target: Target, context: AttemptContext): Promise<ManifestAnswer>;
  /** Returns a blob of at most `maxBytes`, verified by its digest. */
  blob(endpoint: Endpoint, digest: Digest, maxBytes: number, context: AttemptContext): Promise<Uint8Array>;
  /** Content of any size, opened and not read: neither its length nor its digest is verified. */
  open(
    endpoint: Endpoint,
    path: ContentPath,
    digest: Digest,
    request: ContentRequest,
    context: AttemptContext,
  ): Promise<ContentAnswer>;
  /** The same from a URL that a descriptor names: without credentials, `ns` and configured headers. `from` named it. */
  openUrl(
    url: URL,
    from: Endpoint | null,
    request: ContentRequest,
    context: AttemptContext,
  ): Promise<ContentAnswer>;
  /** Closes all connections; running requests fail. */
  close(): Promise<void>;
}
