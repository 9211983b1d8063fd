/** The condition `Available`: could nodes pull it? What is not known is Unknown, never False. */
import type { Draft } from './conditions.ts';
import { seenWords, sentence } from '../text/text.ts';
import type { Outcome } from '../credentials.ts';

export function availableOf({ result, reason, subject, message, inspection }: Outcome): Draft {
  const draft = (status: Draft['status'], word: string, words = message): Draft => {
    return { type: 'Available', status, reason: word, message: sentence(subject, words) };
  };
  switch (result) {
    case 'available':
    case 'platform-missing':
      if (inspection === null) return draft('True', 'ImageFound');
      return draft('True', inspection.stale ? 'LastKnown' : 'ImageFound', seenWords(inspection));
    case 'not-found':
      return draft('False', reason ?? 'NotFound');
    case 'denied':
      return draft('False', reason ?? 'Denied');
    case 'invalid':
      return draft('False', reason ?? 'Invalid');
    case 'unavailable':
      return draft('Unknown', reason ?? 'Unavailable');
    case 'not-checked':
      return draft('Unknown', reason ?? 'NotChecked');
    default:
      return result satisfies never;
  }
}
