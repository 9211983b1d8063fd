/**
 * Condition `Available`, which says whether nodes can pull the image. An unknown result is `Unknown`, never
 * `False`.
 */
import type { ConditionDraft } from './conditions.ts';
import { describeInspection, conditionMessage } from '../text/text.ts';
import type { ImageSummary } from '../credentials.ts';

export function availableCondition({
  result,
  reason,
  subject,
  message,
  inspection,
}: ImageSummary): ConditionDraft {
  const draft = (
    status: ConditionDraft['status'],
    conditionReason: string,
    text = message,
  ): ConditionDraft => {
    return { type: 'Available', status, reason: conditionReason, message: conditionMessage(subject, text) };
  };
  switch (result) {
    case 'available':
    case 'platform-missing':
      if (inspection === null) return draft('True', 'ImageFound');
      return draft('True', inspection.stale ? 'LastKnown' : 'ImageFound', describeInspection(inspection));
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
