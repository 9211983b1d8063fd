/** Parts of an image (manifests, configuration and layers) and the result of checking each where the node would fetch it. */
import type { Attempt, EndpointResult } from '../inspection/inspection.ts';
import type { Platform } from '../platform/platform.ts';
import type { Digest } from '../reference/digest.ts';
import type { Warning } from '../warning.ts';

export type PartKind = 'manifest' | 'config' | 'layer';

export interface Part {
  readonly digest: Digest;
  readonly kind: PartKind;
  readonly mediaType: string;
  /** Size in bytes from the descriptor. */
  readonly size: number;
  /** The first platform that needs the part; null if the index names none. */
  readonly platform: Platform | null;
  /** URL of the endpoint, or origin of the external URL; null if no source serves the part. */
  readonly endpoint: string | null;
  readonly result: Exclude<EndpointResult, 'skipped'>;
  readonly reason: string | null;
  readonly status: number | null;
  /** Request that found the part; null if none was sent. */
  readonly via: 'head' | 'range' | 'get' | null;
  /** One line that explains the result; '' if the part is available. */
  readonly message: string;
}

/** Result of checking all parts of an image. */
export interface PartsReport {
  readonly result: 'available' | 'not-found' | 'denied' | 'unavailable' | 'platform-missing' | 'invalid';
  readonly reason: string | null;
  /** Text that continues after the image's name; '' if all parts are available. */
  readonly message: string;
  readonly parts: readonly Part[];
  /** Number of parts that no source has. */
  readonly missing: number;
  /** Number of parts that were not checked or whose check had no clear result. */
  readonly unknown: number;
  /** Platforms whose manifest no source has although the index names it. */
  readonly missingPlatforms: readonly Platform[];
  readonly warnings: readonly Warning[];
  /** The check's queries to each endpoint. */
  readonly attempts: readonly Attempt[];
}

/** Receiver of the check's progress. */
export interface PartsProgress {
  /** Called with the number of further parts to check and their bytes. */
  planned(parts: number, bytes: number): void;
  /** Called when `source` is contacted or sends. */
  source(source: string): void;
  read(bytes: number): void;
  checked(part: Part): void;
}

export const noProgress: PartsProgress = { planned() {}, source() {}, read() {}, checked() {} };

/** A platform for which the image is needed. */
export interface WantedPlatform {
  readonly platform: Platform;
  accepts(candidate: Platform): boolean;
}
