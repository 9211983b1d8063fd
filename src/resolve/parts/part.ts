/** What is known of the parts of an image: manifests, configuration and layers, each where the node would get it. */
import type { Attempt, EndpointResult } from '../inspection/inspection.ts';
import type { Platform } from '../platform/platform.ts';
import type { Digest } from '../reference/digest.ts';
import type { Warning } from '../warning.ts';

export type PartKind = 'manifest' | 'config' | 'layer';

export interface Part {
  readonly digest: Digest;
  readonly kind: PartKind;
  readonly mediaType: string;
  /** Bytes, as its descriptor says. */
  readonly size: number;
  /** The first platform that needs it; null when its index names none. */
  readonly platform: Platform | null;
  /** The endpoint's URL, or the origin of an external one; null when nobody serves it. */
  readonly endpoint: string | null;
  readonly result: Exclude<EndpointResult, 'skipped'>;
  readonly reason: string | null;
  readonly status: number | null;
  /** How it was looked for; null when it was not. */
  readonly via: 'head' | 'range' | 'get' | null;
  /** One line for a person; '' when it is available. */
  readonly message: string;
}

/** What the parts of an image come to. */
export interface PartsReport {
  readonly result: 'available' | 'not-found' | 'denied' | 'unavailable' | 'platform-missing' | 'invalid';
  readonly reason: string | null;
  /** Goes on after the image's name; '' when all of it is available. */
  readonly message: string;
  readonly parts: readonly Part[];
  /** Parts that are nowhere. */
  readonly missing: number;
  /** Parts that were not looked for, or of which nobody could tell. */
  readonly unknown: number;
  /** Platforms whose manifest is nowhere although the index names it. */
  readonly missingPlatforms: readonly Platform[];
  readonly warnings: readonly Warning[];
  /** What was asked of each endpoint on the way. */
  readonly attempts: readonly Attempt[];
}

/** Told how far the work has come. */
export interface PartsProgress {
  /** So many more parts are to be looked for, of so many bytes. */
  planned(parts: number, bytes: number): void;
  /** `source` is being asked, or sends. */
  source(source: string): void;
  read(bytes: number): void;
  checked(part: Part): void;
}

export const noProgress: PartsProgress = { planned() {}, source() {}, read() {}, checked() {} };

/** A platform that the image is wanted for. */
export interface WantedPlatform {
  readonly platform: Platform;
  accepts(candidate: Platform): boolean;
}
