/**
 * Condition `PlatformsSatisfied`, which says whether the image has the platforms of the nodes that its pods
 * can be scheduled on.
 */
import type { ImageVerdict } from '../../../../judge/results.ts';
import type { ConditionDraft } from './conditions.ts';
import { conditionMessage } from '../text/text.ts';
import type { ImageSummary } from '../credentials.ts';

export function platformsSatisfiedCondition({
  result,
  subject,
  message,
  worst,
}: ImageSummary): ConditionDraft {
  const draft = (status: ConditionDraft['status'], reason: string, text: string): ConditionDraft => {
    return { type: 'PlatformsSatisfied', status, reason, message: conditionMessage(subject, text) };
  };
  switch (result) {
    case 'platform-missing':
      return draft('False', 'PlatformMissing', message);
    case 'available': {
      if (worst?.verdict.fit === 'some') return draft('False', 'SomeNodesFit', message);
      const unknown = worst && unknownPlatforms(worst.verdict);
      if (unknown) return draft('Unknown', 'PlatformUnknown', unknown);
      return draft('True', 'AllPlatformsPresent', 'has every platform that it needs');
    }
    case 'not-found':
    case 'denied':
    case 'invalid':
    case 'unavailable':
    case 'not-checked':
      return draft('Unknown', 'NotAvailable', 'has platforms that are not known, as it is not available');
    default:
      return result satisfies never;
  }
}

/** Returns the verdict's note about platforms that may or may not be missing; null if there is none. */
function unknownPlatforms({ inspection, message, notes: [note] }: ImageVerdict): string | null {
  if (inspection === null || inspection.platformsComplete || note === undefined) return null;
  // The message ends with a note if the note affects the result.
  return message.endsWith(note) ? note : null;
}
