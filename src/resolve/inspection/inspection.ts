/** What one look at an image through its endpoints found; the verdict about a pod is `judge`'s. */
import type { Credentials } from '../credentials/credential.ts';
import type { Deadline } from '../../util/async/deadline.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Platform } from '../platform/platform.ts';
import type { Digest } from '../reference/digest.ts';
import type { Reference } from '../reference/reference.ts';
import type { EndpointFailure } from '../registry/error.ts';
import type { FetchedManifest } from './image/fetch-manifest.ts';
import type { Warning } from '../warning.ts';

/** Result of one endpoint. */
export type EndpointResult = 'available' | EndpointFailure | 'skipped';

/** One endpoint asked or skipped; kept for every inspection. */
export interface Attempt {
  /** API root as asked. */
  readonly endpoint: string;
  readonly role: 'mirror' | 'upstream';
  /** Somebody configured this endpoint (its URL may be a metric label); else it is the registry's own default. */
  readonly configured: boolean;
  readonly repository: string;
  readonly result: EndpointResult;
  /** Of `skipped`: a `SkipReason`; else a PascalCase detail or null. */
  readonly reason: string | null;
  readonly status: number | null;
  readonly digest: Digest | null;
  /** null when not known. */
  readonly platforms: readonly Platform[] | null;
  readonly message: string;
  readonly requests: number;
  readonly tokenRequests: number;
  readonly durationMs: number;
}

/** Rule 4's classes. `platform-missing`, `invalid` and `not-checked` are for `judge` to say. */
export type InspectionResult = 'available' | 'not-found' | 'denied' | 'unavailable';

export interface Inspection {
  readonly reference: Reference;
  readonly result: InspectionResult;
  /** `NoEndpoint`, `Blocked`, `NodeLocalOnly`, `NodeCredentials`…, or null. */
  readonly reason: string | null;
  /** What the manifest is; null unless available. */
  readonly kind: 'index' | 'image' | 'artifact' | 'schema1' | null;
  readonly digest: Digest | null;
  /** The body's own. */
  readonly mediaType: string | null;
  /** Body's length in bytes. */
  readonly size: number | null;
  /** Normalised, without duplicates, in manifest order, without attestations. */
  readonly platforms: readonly Platform[];
  /** Nothing but `platforms` can be in it. false: a part of it could not be read, so what is not listed is not missing for certain. */
  readonly platformsComplete: boolean;
  /** The same platforms raw, as written in the manifest or config (the Engine API shows these). */
  readonly rawPlatforms: readonly Platform[];
  /** The endpoint that served, as `Attempt.endpoint`. */
  readonly endpoint: string | null;
  /** From the cache past its life, because nothing could be asked (rule 12). */
  readonly stale: boolean;
  /** One line for a person, which goes on after the image's name: `does not exist: mirror … answered 404. Check the tag`. */
  readonly message: string;
  readonly warnings: readonly Warning[];
  readonly attempts: readonly Attempt[];
  /** Milliseconds since the epoch when the registry said so. */
  readonly inspectedAt: number;
}

export interface InspectRequest {
  readonly reference: Reference;
  readonly credentials: Credentials;
  readonly deadline: Deadline;
  /**
   * `admission`: shares flights and may finish in the background; `background`: likewise, but leaves the last share of a
   * registry's quota alone; `interactive`: the caller's cancellation cancels for real.
   */
  readonly purpose: 'admission' | 'background' | 'interactive';
  /** RequestContext every endpoint instead of stopping at the first that serves. */
  readonly allEndpoints: boolean;
  /** Told of a manifest that had to be read, and who served it; of `interactive` requests only. */
  readonly onManifest?: (manifest: FetchedManifest, endpoint: Endpoint) => void;
}

/** The way into `resolve` for everybody outside of it. */
export interface Inspector {
  /** A fresh cached answer without waiting, null when there is none: the warm path of admission. */
  peek(reference: Reference, credentials: Credentials): Inspection | null;
  /** Never rejects but for a programming error: every failure is an `Inspection`. */
  inspect(request: InspectRequest): Promise<Inspection>;
}
