/** Builds `Inspection`s: one function per way that an inspection can end. */
import type { Digest } from '../../reference/digest.ts';
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import { type Overall, overall } from './classify.ts';
import type { ImageAtEndpoint } from '../image/consistency.ts';
import type { Attempt, Inspection } from '../inspection.ts';
import { availableWords, failureWords, staleWords } from './message.ts';
import type { PartMissing } from '../image/image-parts.ts';

/** What every inspection has, however it ended. */
export interface Circumstances {
  readonly reference: Reference;
  readonly attempts: readonly Attempt[];
  readonly warnings: readonly Warning[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** `before`: what the tag meant when it was last asked. */
export function available(
  { reference, attempts, warnings, now }: Circumstances,
  { endpoint, found }: ImageAtEndpoint,
  before: Digest | null,
): Inspection {
  const { kind, digest, mediaType, size, platforms, platformsComplete, rawPlatforms } = found;
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
    endpoint: endpoint.url,
    stale: false,
    message: availableWords(reference, found, endpoint, before),
    warnings: [...warnings, ...found.warnings],
    attempts,
    inspectedAt: now,
  };
}

/** `part`: the manifest was found, and no endpoint has this part of it. */
export function failed(circumstances: Circumstances, part: PartMissing | null): Inspection {
  return unserved(circumstances, part?.overall ?? overall(circumstances.attempts), part?.message ?? null);
}

/** The one who asks goes away before it has ended. */
export function pending(circumstances: Circumstances): Inspection {
  return unserved(circumstances, { result: 'unavailable', reason: 'Timeout' }, null);
}

/** An answer from before, because at present there is none; what was tried now is kept. */
export function stale(before: Inspection, now: Inspection): Inspection {
  return {
    ...before,
    reference: now.reference,
    stale: true,
    message: staleWords(before.message, now.inspectedAt - before.inspectedAt, now.message),
    attempts: now.attempts,
  };
}

function unserved(
  { reference, attempts, warnings, now }: Circumstances,
  all: Overall,
  part: string | null,
): Inspection {
  return {
    reference,
    ...all,
    kind: null,
    digest: null,
    mediaType: null,
    size: null,
    platforms: [],
    platformsComplete: false,
    rawPlatforms: [],
    endpoint: null,
    stale: false,
    message: failureWords(reference, all, attempts, part),
    warnings,
    attempts,
    inspectedAt: now,
  };
}
