/** Builders of `Inspection`: one function for each way in which a resolution can end. */
import type { Digest } from '../../reference/digest.ts';
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import type { ImageAtEndpoint } from '../image/resolved-image.ts';
import type { Attempt, Inspection } from '../inspection.ts';
import type { FailedResult } from './classify.ts';
import { availableMessage, failureMessage, foundText, staleMessage } from './message.ts';

/** Members that every inspection has. */
export interface InspectionBase {
  readonly reference: Reference;
  readonly attempts: readonly Attempt[];
  readonly warnings: readonly Warning[];
  /** Current time, milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Builds the inspection of an available image. `earlierDigest` is the tag's digest at its last resolution, null if unknown.
 */
export function availableInspection(
  { reference, attempts, warnings, now }: InspectionBase,
  { endpoint, image }: ImageAtEndpoint,
  earlierDigest: Digest | null,
): Inspection {
  const { kind, digest, mediaType, size, platforms, platformsComplete, rawPlatforms, contents } = image;
  return {
    reference,
    result: 'available',
    reason: null,
    kind,
    digest,
    mediaType,
    size,
    platforms,
    platformsComplete,
    rawPlatforms,
    ...(contents && { contents }),
    endpoint: endpoint.url,
    stale: false,
    message: availableMessage(reference, image, endpoint, earlierDigest),
    warnings: [...warnings, ...image.warnings],
    attempts,
    inspectedAt: now,
  };
}

/** Members of an inspection that found no image. */
export const noImage = {
  kind: null,
  digest: null,
  mediaType: null,
  size: null,
  platforms: [],
  platformsComplete: false,
  rawPlatforms: [],
  endpoint: null,
  stale: false,
} as const satisfies Partial<Inspection>;

/**
 * Builds the inspection of a failure. `missingPart` names a part that no endpoint has although the image's manifest was found;
 * null if there is none.
 */
export function failedInspection(
  { reference, attempts, warnings, now }: InspectionBase,
  result: FailedResult,
  missingPart: string | null = null,
): Inspection {
  return {
    reference,
    ...result,
    ...noImage,
    message: failureMessage(reference, result, attempts, missingPart),
    warnings,
    attempts,
    inspectedAt: now,
  };
}

/** Builds the inspection for a caller that leaves before the resolution ends. */
export function pendingInspection(base: InspectionBase): Inspection {
  return failedInspection(base, { result: 'unavailable', reason: 'Timeout' });
}

/** Builds an inspection from an earlier one and the current attempts, because no registry is reachable now. */
export function staleInspection(earlier: Inspection, current: Inspection): Inspection {
  return {
    ...earlier,
    reference: current.reference,
    stale: true,
    message: staleMessage(earlier.message, current.inspectedAt - earlier.inspectedAt, current.message),
    attempts: current.attempts,
  };
}

/** Warns if endpoints serve different images under one tag. Equal digests have equal platforms. */
export function inconsistencyWarnings(images: readonly ImageAtEndpoint[]): readonly Warning[] {
  const digests = new Set(images.map(({ image }) => image.digest));
  if (digests.size <= 1) return [];
  const each = images.map(
    ({ endpoint, image }) => `${endpoint.role} ${endpoint.url} has ${foundText(image)}`,
  );
  const message = `the endpoints differ: ${each.join('; ')}`;
  return [{ code: 'MirrorsInconsistent', message, source: null }];
}
