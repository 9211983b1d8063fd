/** The contract of the one client for one endpoint. Falling back to other endpoints, caching and budgets are not its business: `inspection/` does those. */
import type { Credential } from '../credentials/credential.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Digest } from '../reference/digest.ts';

/** Tag or digest: the last part of a manifest's URL. */
export type Target = { readonly tag: string } | { readonly digest: Digest };

/** Counted while one endpoint is asked; readable after a failure too. */
export interface RequestTally {
  /** HTTP requests to the endpoint, redirects included. */
  requests: number;
  tokenRequests: number;
  /** Last HTTP status, null when none came. */
  status: number | null;
}

/** What one request needs from whoever asks. */
export interface Ask {
  /** The attempt's own end: deadline or the caller's cancellation. Covers connect, token, headers and body. */
  readonly signal: AbortSignal;
  readonly tally: RequestTally;
  /** Credential candidates for the endpoint as it is asked, maybe in plain text by now; wanted only after a challenge. */
  readonly credentials: (endpoint: Endpoint) => Promise<readonly Credential[]>;
  /** Separates cached tokens by who asks. */
  readonly credentialsId: string;
}

export interface HeadAnswer {
  /** From `Docker-Content-Digest`; a cache key, never proof (rule 3). null when missing or malformed. */
  readonly digest: Digest | null;
  readonly mediaType: string | null;
  readonly size: number | null;
}

export interface ManifestAnswer {
  /** Of the body (of signed schema 1: of its payload); equals the digest asked for and the header's where there were any. */
  readonly digest: Digest;
  /** `Content-Type` without parameters, as declared; null when absent. */
  readonly mediaType: string | null;
  readonly body: Uint8Array;
}

/** One HTTP client; knows TLS profiles, proxies, challenges, tokens, redirects and limits. Throws `RegistryError` only. */
export interface Registry {
  head(endpoint: Endpoint, target: Target, ask: Ask): Promise<HeadAnswer>;
  manifest(endpoint: Endpoint, target: Target, ask: Ask): Promise<ManifestAnswer>;
  /** A blob of at most `maxBytes`, digest verified. */
  blob(endpoint: Endpoint, digest: Digest, maxBytes: number, ask: Ask): Promise<Uint8Array>;
  /** Closes all connections; what is still under way fails. */
  close(): Promise<void>;
}
