/** Endpoints that a node tries for an image, in order. Every mirror format is converted to this form. */
import type { Credential } from '../credentials/credential.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import type { RuntimeProfile } from './runtime/runtime-profile.ts';

export type Capability = 'pull' | 'resolve' | 'push' | 'referrers';

/** Reason for skipping an endpoint of the list. The first three reasons are permanent, the others may pass. */
export type SkipReason =
  | 'Capability'
  | 'Blocked'
  | 'NodeLocal'
  | 'CircuitOpen'
  | 'RateLimited'
  | 'DeadlineExceeded'
  | 'FileMissing'
  | 'AmbiguousRewrite';

export interface Skip {
  readonly reason: SkipReason;
  readonly message: string;
  /**
   * Present if containerd's fetcher contacts the endpoint nevertheless, so that the skip does not prove that the image is
   * absent there.
   */
  readonly mayServe?: true;
}

/**
 * A failure of https after which a runtime tries http at the same host and port: an HTTP response to the TLS hello, a TLS
 * handshake that does not end, a refused or an unanswered connection, or any failure before an HTTP response over TLS.
 */
export type PlainFallbackCause =
  | 'HttpAnswer'
  | 'HandshakeTimeout'
  | 'ConnectionRefused'
  | 'ConnectTimeout'
  | 'AnyFailure';

/** Place in a configuration: `file` is the name on the node (before `pathMap`), `line` counts from 1. */
export interface ConfigSource {
  readonly file: string;
  readonly line: number | null;
}

/** Certificates for one endpoint: their configured paths, and their content at the time when the configuration was loaded. */
export interface TlsProfile {
  readonly ca: readonly string[];
  readonly client: readonly { readonly cert: string; readonly key: string }[];
  readonly skipVerify: boolean;
  /** PEM texts in the order of `ca` and `client`, trusted in addition to the system's roots as in containerd. */
  readonly caPem: readonly string[];
  readonly clientPem: readonly { readonly cert: string; readonly key: string }[];
}

/** TLS profile without certificates of its own: the system's roots verify the server. */
export const plainTls: TlsProfile = { ca: [], client: [], skipVerify: false, caPem: [], clientPem: [] };

export interface Endpoint {
  /** API root without a trailing slash: `https://mirror.corp:5000/v2`. */
  readonly url: string;
  readonly role: 'mirror' | 'upstream';
  readonly capabilities: readonly Capability[];
  /** Value of `ns=` in requests; null if the endpoint is the image's own registry or the mirror format sends no `ns=`. */
  readonly namespace: string | null;
  /** Repository at this endpoint after rewrites. Token scopes and URLs use only this one. */
  readonly repository: string;
  readonly tls: TlsProfile;
  /**
   * Failures of https after which http is tried; empty if it never is. A host that has spoken TLS never receives plain text.
   */
  readonly plainFallback: readonly PlainFallbackCause[];
  /** Additional request headers from the mirror configuration. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Time limit for connecting from the mirror configuration, milliseconds. */
  readonly dialTimeoutMs: number | null;
  /** Credential from the mirror configuration for this host. */
  readonly credential: Credential | null;
  /** True if the address is a loopback address, which means the node itself. */
  readonly nodeLocal: boolean;
  /** null if no configuration names the endpoint, so that it is the registry's default. */
  readonly source: ConfigSource | null;
  /** Present if the configuration alone excludes the endpoint for this reference; otherwise null. */
  readonly skip: Skip | null;
}

/** All endpoints of one reference in the order in which the node tries them, skipped ones included. */
export interface EndpointList {
  readonly endpoints: readonly Endpoint[];
  readonly warnings: readonly Warning[];
}

/** Reason for which the runtime rejects an image before it contacts any endpoint. */
export interface ReferenceRefusal {
  /** PascalCase word, such as `ShortName`. */
  readonly reason: string;
  /** Text that continues after the image's name, like `Inspection.message`. */
  readonly message: string;
}

/**
 * One loaded mirror configuration, or its absence. It is pure and synchronous, because every file was read when it was loaded.
 */
export interface MirrorList {
  /** Hash of the configuration's content: two lists with the same id have the same endpoints. */
  readonly id: string;
  /**
   * Runtimes that the list's nodes may have, the assumed one first: one profile if it is certain, all profiles if nothing is
   * known about the nodes, no profile if the caller is not a node (the Engine API).
   */
  readonly profiles: readonly RuntimeProfile[];
  endpoints(reference: Reference): EndpointList;
  /**
   * Returns the reason for which this format rejects an image as written (short names of `registries.conf`); null if it
   * accepts the image.
   */
  refuse?(image: string): ReferenceRefusal | null;
}
