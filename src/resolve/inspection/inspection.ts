/** Inspection: the result of resolving one image through its endpoints. `judge` derives the verdict about a pod from it. */
import type { Credentials } from '../credentials/credential.ts';
import type { Deadline } from '../../util/async/deadline.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Platform } from '../platform/platform.ts';
import type { Digest } from '../reference/digest.ts';
import type { Reference } from '../reference/reference.ts';
import type { EndpointFailure } from '../registry/error.ts';
import type { FetchedManifest } from '../manifest/manifest.ts';
import type { Warning } from '../warning.ts';

/** Result of one endpoint. */
export type EndpointResult = 'available' | EndpointFailure | 'skipped';

/** One endpoint that was queried or skipped. */
export interface Attempt {
  /** API root as contacted. */
  readonly endpoint: string;
  readonly role: 'mirror' | 'upstream';
  /** True if an operator configured this endpoint, so that its URL may be a metric label; false for a registry's default. */
  readonly configured: boolean;
  readonly repository: string;
  readonly result: EndpointResult;
  /** A `SkipReason` if the result is `skipped`; otherwise a PascalCase detail or null. */
  readonly reason: string | null;
  readonly status: number | null;
  readonly digest: Digest | null;
  /** null if unknown. */
  readonly platforms: readonly Platform[] | null;
  readonly message: string;
  /** Milliseconds that a rate-limited endpoint asked Pratique to wait; absent if it named no time. */
  readonly retryAfterMs?: number;
  /** Present if nodes may query the endpoint although Pratique skips it. */
  readonly mayServe?: true;
  readonly requests: number;
  readonly tokenRequests: number;
  readonly durationMs: number;
}

/** Result of an image. `judge` adds `platform-missing`, `invalid` and `not-checked`. */
export type InspectionResult = 'available' | 'not-found' | 'denied' | 'unavailable';

/** A manifest of an image: the image itself, or one entry of its index. */
export interface ImageContent {
  readonly manifest: Digest;
  /** null if the index does not name the platform, or the image is not an index. */
  readonly platform: Platform | null;
  /** Digest of the image configuration, by which runtimes identify an image; null for the entries of an index. */
  readonly config: Digest | null;
}

export interface Inspection {
  readonly reference: Reference;
  readonly result: InspectionResult;
  /** `NoEndpoint`, `Blocked`, `NodeLocalOnly`, `NodeCredentials`, `NodesRefuse`, `Timeout`; null if none applies. */
  readonly reason: string | null;
  /** Kind of the manifest; null unless the result is `available`. */
  readonly kind: 'index' | 'image' | 'artifact' | 'schema1' | null;
  readonly digest: Digest | null;
  /** Media type of the body. */
  readonly mediaType: string | null;
  /** Length of the body in bytes. */
  readonly size: number | null;
  /** Normalized platforms without duplicates and attestations, in manifest order. */
  readonly platforms: readonly Platform[];
  /** False if a part could not be read, so that a platform that is not listed may still be present. */
  readonly platformsComplete: boolean;
  /** All manifests of the image; absent if they are unknown or too many. */
  readonly contents?: readonly ImageContent[];
  /** The same platforms as written in the manifest or config; the Engine API shows these. */
  readonly rawPlatforms: readonly Platform[];
  /** The endpoint that served the image, in the form of `Attempt.endpoint`; null if none did. */
  readonly endpoint: string | null;
  /** True for an earlier inspection that is reused because no registry is reachable. */
  readonly stale: boolean;
  /** One line that continues after the image's name: `does not exist: mirror … answered 404. Check the tag`. */
  readonly message: string;
  readonly warnings: readonly Warning[];
  readonly attempts: readonly Attempt[];
  /** Time of the registry's response, milliseconds since the epoch. */
  readonly inspectedAt: number;
}

export interface InspectRequest {
  readonly reference: Reference;
  readonly credentials: Credentials;
  readonly deadline: Deadline;
  /**
   * `admission`: the caller shares work with others, and the work may finish in the background. `background`: the same, but
   * the last share of a registry's rate limit stays reserved for admission. `interactive`: cancellation by the caller cancels
   * the work.
   */
  readonly purpose: 'admission' | 'background' | 'interactive';
  /** True to query every endpoint instead of stopping at the first that serves the image. */
  readonly allEndpoints: boolean;
  /** False for a caller that is not a node (the Engine API), which accepts every valid manifest; true if absent. */
  readonly asNode?: boolean;
  /** Called with a manifest that was read, and the endpoint that served it, for `interactive` requests only. */
  readonly onManifest?: (manifest: FetchedManifest, endpoint: Endpoint) => void;
}

/** Entry point of `resolve`. */
export interface Inspector {
  /** Returns a fresh cached inspection without waiting, which admission uses first; null if there is none. */
  peek(reference: Reference, credentials: Credentials): Inspection | null;
  /** Inspects an image. Rejects only for a programming error: every failure is an `Inspection`. */
  inspect(request: InspectRequest): Promise<Inspection>;
}
