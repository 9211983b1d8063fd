/** From an inspection to the result of one image, measured against the nodes it is for. Decisions and pins come after. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Platform } from '../resolve/platform/platform.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { words } from './message.ts';
import { type Fit, fitting } from './nodes/fit.ts';
import type { Policy } from './policy/schema.ts';
import type { Surroundings } from './surroundings.ts';
import type { Result } from './verdict.ts';
import type { ImageUse } from './workload/image-use.ts';

export interface Finding {
  readonly result: Result;
  readonly reason: string | null;
  /** Meant for `platform-missing`; else `all`. */
  readonly fit: Fit;
  readonly missing: readonly Platform[];
  /** One line; '' for `available`. */
  readonly message: string;
  /** Worth a warning although it decides nothing. */
  readonly notable: boolean;
}

/** A finding that platforms have nothing to do with. */
export function plain(result: Result, reason: string | null, message: string, notable = false): Finding {
  return { result, reason, fit: 'all', missing: [], message, notable };
}

const available = plain('available', null, '');

/** Why an image need not be asked for; null when it has to be. */
export function unasked(use: ImageUse, policy: Policy, { eligible }: Surroundings): Finding | null {
  if (policy.mode === 'off') return plain('not-checked', 'Off', words.off);
  if (use.pullPolicy === 'Never') return plain('not-checked', 'NeverPulled', words.neverPulled);
  if (eligible?.length === 0) return plain('not-checked', 'NoEligibleNode', words.noEligibleNode, true);
  return null;
}

/** What `inspection` of `reference` means for this use of the image. */
export function found(
  inspection: Inspection,
  reference: Reference,
  use: ImageUse,
  policy: Policy,
  surroundings: Surroundings,
): Finding {
  const { result, reason } = inspection;
  if (result === 'available') return suited(inspection, use, policy, surroundings);
  if (result !== 'denied' && use.pullPolicy === 'IfNotPresent' && surroundings.present(reference)) {
    return plain('not-checked', 'PresentOnNode', words.presentOnNode(inspection), true);
  }
  return plain(result, reason, inspection.message);
}

function suited(inspection: Inspection, use: ImageUse, policy: Policy, surroundings: Surroundings): Finding {
  const { kind, platforms } = inspection;
  if (kind === 'schema1') return plain('invalid', 'Schema1', words.schema1(inspection));
  if (use.kind === 'volume') {
    // Only the files of a volume are used: a single manifest of any platform, or of none, is pulled and mounted.
    if (kind !== 'index') return available;
  } else if (kind === 'artifact') return plain('invalid', 'Artifact', words.artifact(inspection));
  if (surroundings.eligible === null || policy.platforms === 'off') return available;
  const { fit, missing } = fitting(platforms, surroundings.eligible, policy.match);
  if (fit === 'all') return available;
  // Unknown is not missing.
  if (!inspection.platformsComplete) {
    return plain('available', null, words.platformsUnknown(inspection, missing), true);
  }
  const total = surroundings.eligible.length;
  return {
    result: 'platform-missing',
    reason: null,
    fit,
    missing,
    message: words.platformMissing(inspection, missing, total),
    notable: false,
  };
}
