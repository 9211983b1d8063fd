/** Endpoints that a node asks for an image, in order: what every mirror format yields. */
import type { Credential } from '../credentials/credential.ts';
import type { Reference } from '../reference/reference.ts';
import type { Warning } from '../warning.ts';
import type { RuntimeProfile } from './runtime/runtime-profile.ts';

export type Capability = 'pull' | 'resolve' | 'push' | 'referrers';

/** Why an endpoint of the list is not asked. The first three are permanent, the others may pass. */
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
  /** Present where containerd's fetcher asks the endpoint all the same, so that its silence about the image proves nothing. */
  readonly mayServe?: true;
}

/**
 * A failure of https after which a runtime asks the same host and port by http: an HTTP answer to the TLS hello, a TLS
 * handshake that does not end, a refused or an unanswered connection, or any failure before an HTTP answer over TLS.
 */
export type PlainFallbackCause =
  | 'HttpAnswer'
  | 'HandshakeTimeout'
  | 'ConnectionRefused'
  | 'ConnectTimeout'
  | 'AnyFailure';

/** Place in a configuration; `file` by its name on the node (before `pathMap`), `line` from 1. */
export interface ConfigSource {
  readonly file: string;
  readonly line: number | null;
}

/** Certificates for one endpoint: paths as configured, and their content when the configuration was loaded. */
export interface TlsProfile {
  readonly ca: readonly string[];
  readonly client: readonly { readonly cert: string; readonly key: string }[];
  readonly skipVerify: boolean;
  /** PEM texts in the order of `ca` and `client`; added to the system's roots, as containerd does. */
  readonly caPem: readonly string[];
  readonly clientPem: readonly { readonly cert: string; readonly key: string }[];
}

/** No certificates of its own, verified by the system's roots. */
export const plainTls: TlsProfile = { ca: [], client: [], skipVerify: false, caPem: [], clientPem: [] };

export interface Endpoint {
  /** API root as asked, without a trailing slash: `https://mirror.corp:5000/v2`. */
  readonly url: string;
  readonly role: 'mirror' | 'upstream';
  readonly capabilities: readonly Capability[];
  /** Value of `ns=` on requests; null if the endpoint is the image's own registry or the format sends none. */
  readonly namespace: string | null;
  /** Physical repository here, after rewrites; token scope and URLs use this one only. */
  readonly repository: string;
  readonly tls: TlsProfile;
  /** When http is tried after https; empty for never. A host that has spoken TLS is never asked in plain text. */
  readonly plainFallback: readonly PlainFallbackCause[];
  /** Extra request headers that the mirror configuration gives. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Connect time limit that the configuration gives, milliseconds. */
  readonly dialTimeoutMs: number | null;
  /** Credentials that the mirror configuration itself gives for this host. */
  readonly credential: Credential | null;
  /** On a loopback address, which means the node itself. */
  readonly nodeLocal: boolean;
  /** null if it is not configured, but the registry's own default. */
  readonly source: ConfigSource | null;
  /** Set if the configuration alone excludes the endpoint for this reference. */
  readonly skip: Skip | null;
}

/** All endpoints of one reference in the order asked, skipped ones included. */
export interface EndpointList {
  readonly endpoints: readonly Endpoint[];
  readonly warnings: readonly Warning[];
}

/** An image that the runtime rejects before it asks any endpoint. */
export interface ReferenceRefusal {
  /** PascalCase, `ShortName`. */
  readonly reason: string;
  /** Continues after the image's name, as `Inspection.message` does. */
  readonly message: string;
}

/** One loaded mirror configuration (or none). Pure and synchronous: every file was read when it was loaded. */
export interface MirrorList {
  /** Hash of the content of the configuration: two lists with the same id give the same endpoints. */
  readonly id: string;
  /**
   * What the runtimes of its nodes may be, the assumed one first: one where that is certain, all if nothing is known of the
   * nodes, none where no node is meant (the Engine API).
   */
  readonly profiles: readonly RuntimeProfile[];
  endpoints(reference: Reference): EndpointList;
  /** Why this format rejects an image as written (short names of `registries.conf`); null if it does not. */
  refuse?(image: string): ReferenceRefusal | null;
}
