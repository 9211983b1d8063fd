/**
 * Interface of the registry client, which sends requests to one endpoint. Fallback, caching and time budgets are in
 * `inspection/`.
 */
import type { Credential } from '../credentials/credential.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Digest } from '../reference/digest.ts';

/** Tag or digest, the last component of a manifest's URL. */
export type Target = { readonly tag: string } | { readonly digest: Digest };

/** Request counters of one endpoint, which are valid after a failure too. */
export interface RequestTally {
  /** HTTP requests to the endpoint, redirects included. */
  requests: number;
  tokenRequests: number;
  /** Last HTTP status; null if there was no response. */
  status: number | null;
  /** True if the last request used plain http, possibly after a fallback from https. */
  isPlainHttp: boolean;
  /** Sources of the credentials that were sent, such as `Secret team-a/pull`; empty if none was sent. */
  readonly credentialSources: Set<string>;
  /** Warnings of the endpoint (`Warning: 299`), each once; absent if there are none. */
  warnings?: Set<string>;
}

/**
 * Scopes of a token request. `challenge`: the scope in the challenge, or the repository's if there is none. `union`: both, as
 * in containerd. `repository`: the repository's own, whatever the challenge contains.
 */
export type ScopeRule = 'challenge' | 'union' | 'repository';

/** Context of one request from its caller: deadline, counters and credentials. */
export interface AttemptContext {
  /** Signal that aborts at the attempt's deadline or when the caller cancels. It covers connect, token, headers and body. */
  readonly signal: AbortSignal;
  readonly tally: RequestTally;
  /**
   * Returns credential candidates for the endpoint as contacted, which may use plain http by then. It is called only after a
   * challenge.
   */
  readonly credentials: (endpoint: Endpoint) => Promise<readonly Credential[]>;
  /** Id that separates the cached tokens of different callers. */
  readonly credentialsId: string;
  readonly scopeRule: ScopeRule;
}

export interface HeadAnswer {
  /** Value of `Docker-Content-Digest`, which is a cache key and never a proof; null if missing or malformed. */
  readonly digest: Digest | null;
  /** True if the header is present but not a digest. */
  readonly hasMalformedDigest: boolean;
  readonly mediaType: string | null;
  readonly size: number | null;
}

export interface ManifestAnswer {
  /**
   * Digest of the body (of signed schema 1: of its payload), verified against the requested digest and against the header if
   * present.
   */
  readonly digest: Digest;
  /** Declared `Content-Type` without parameters; null if absent. */
  readonly mediaType: string | null;
  /** True if `Docker-Content-Digest` is present but not a digest. */
  readonly hasMalformedDigest: boolean;
  readonly body: Uint8Array;
}

/** Paths under which registries store content: manifests by type, everything else as blobs. */
export type ContentPath = 'manifests' | 'blobs';

/** Parameters of a request for content. */
export interface ContentRequest {
  readonly method: 'GET' | 'HEAD';
  /** Media type that `Accept` lists first; '' for any. */
  readonly mediaType: string;
  /** Value of `Range`; null to request the whole content. */
  readonly range: string | null;
}

/** Head of a response with content. The caller must read its bytes or close it. */
export interface ContentAnswer {
  /** Status, always 2xx. */
  readonly status: number;
  /** Method and URL without its query, for messages. */
  readonly where: string;
  /** `Content-Type` without parameters; null if absent. */
  readonly mediaType: string | null;
  /** `Content-Length`, the number of bytes as sent, even if encoded; null if absent. */
  readonly length: number | null;
  /** `Content-Range`; null if absent. */
  readonly contentRange: string | null;
  /** Encodings in the order in which the server applied them. */
  readonly encodings: readonly string[];
  /** Streams the bytes with all encodings undone. Throws `RegistryError`; leaving it early ends the connection. */
  bytes(): AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * One HTTP client with TLS profiles, proxies, challenges, tokens, redirects and limits. All methods throw `RegistryError`
 * only.
 */
export interface Registry {
  head(endpoint: Endpoint, target: Target, context: AttemptContext): Promise<HeadAnswer>;
  manifest(endpoint: Endpoint, target: Target, context: AttemptContext): Promise<ManifestAnswer>;
  /** Returns a blob of at most `maxBytes`, verified by its digest. */
  blob(endpoint: Endpoint, digest: Digest, maxBytes: number, context: AttemptContext): Promise<Uint8Array>;
  /** Opens content of any size without reading it. Neither its length nor its digest is verified. */
  open(
    endpoint: Endpoint,
    path: ContentPath,
    digest: Digest,
    request: ContentRequest,
    context: AttemptContext,
  ): Promise<ContentAnswer>;
  /**
   * Opens content at a URL that a descriptor names, without credentials, `ns` and configured headers. `from` is the endpoint
   * that served the descriptor.
   */
  openUrl(
    url: URL,
    from: Endpoint | null,
    request: ContentRequest,
    context: AttemptContext,
  ): Promise<ContentAnswer>;
  /** Closes all connections; running requests fail. */
  close(): Promise<void>;
}
