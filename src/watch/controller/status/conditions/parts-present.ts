/** Condition `PartsPresent`, which says whether nodes can pull the whole image. */
import type { PartsReport } from '../../../../resolve/parts/part.ts';
import { conditionMessage } from '../text/text.ts';
import type { ConditionDraft } from './conditions.ts';

// Results from best to worst; a certain result counts as worse than an unknown one.
const order: readonly PartsReport['result'][] = [
  'available',
  'unavailable',
  'denied',
  'platform-missing',
  'not-found',
  'invalid',
];

/** Returns the condition; null if the parts were not checked. It reports the worst of the mirror lists. */
export function partsPresentCondition(
  subject: string,
  reports: readonly PartsReport[],
): ConditionDraft | null {
  const [worst] = reports.toSorted((a, b) => order.indexOf(b.result) - order.indexOf(a.result));
  if (!worst) return null;
  const draft = (status: ConditionDraft['status'], reason: string, words: string): ConditionDraft => {
    return { type: 'PartsPresent', status, reason, message: conditionMessage(subject, words) };
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
