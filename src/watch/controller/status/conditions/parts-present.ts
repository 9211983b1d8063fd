/** The condition `PartsPresent`: could nodes pull the image to its end? */
import type { PartsReport } from '../../../../resolve/parts/part.ts';
import { sentence } from '../text/text.ts';
import type { Draft } from './conditions.ts';

// What is certain comes before what is not known.
const order: readonly PartsReport['result'][] = [
  'available',
  'unavailable',
  'denied',
  'platform-missing',
  'not-found',
  'invalid',
];

/** null: nobody looked for them. `reports`: one for each mirror list; the worst is told. */
export function partsPresentOf(subject: string, reports: readonly PartsReport[]): Draft | null {
  const [worst] = reports.toSorted((a, b) => order.indexOf(b.result) - order.indexOf(a.result));
  if (!worst) return null;
  const draft = (status: Draft['status'], reason: string, words: string): Draft => {
    return { type: 'PartsPresent', status, reason, message: sentence(subject, words) };
  };
  const { result, message, reason, parts } = worst;
  switch (result) {
    case 'available':
      return draft('True', 'AllPartsPresent', `has all of its ${parts.length} parts`);
    case 'not-found':
    case 'platform-missing':
      return draft('False', 'PartsMissing', message);
    case 'invalid':
      return draft('False', reason ?? 'Invalid', message);
    case 'denied':
    case 'unavailable':
      return draft('Unknown', 'PartsUnknown', message);
    default:
      return result satisfies never;
  }
}
