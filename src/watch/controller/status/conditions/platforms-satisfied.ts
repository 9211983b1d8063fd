/** The condition `PlatformsSatisfied`: does it fit the nodes that its pods can land on? */
import type { ImageVerdict } from '../../../../judge/results.ts';
import type { Draft } from './conditions.ts';
import { sentence } from '../text/text.ts';
import type { Outcome } from '../credentials.ts';

export function satisfiedOf({ result, subject, message, judged }: Outcome): Draft {
  const draft = (status: Draft['status'], reason: string, words: string): Draft => {
    return { type: 'PlatformsSatisfied', status, reason, message: sentence(subject, words) };
  };
  switch (result) {
    case 'platform-missing':
      return draft('False', 'PlatformMissing', message);
    case 'available': {
      const doubt = judged && doubtIn(judged.verdict);
      if (doubt) return draft('Unknown', 'PlatformUnknown', doubt);
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

/** What a verdict says of platforms of which it cannot be told whether they are missing; null: it says nothing of the kind. */
function doubtIn({ inspection, message, notes: [note] }: ImageVerdict): string | null {
  if (inspection === null || inspection.platformsComplete || note === undefined) return null;
  // A notable finding stands in both.
  return message.endsWith(note) ? note : null;
}
