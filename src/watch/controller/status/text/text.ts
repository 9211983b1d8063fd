/** Text of condition messages, which consist of the image's name and the judge's text. */
import type { Inspection } from '../../../../resolve/inspection/inspection.ts';
import { attemptWords } from '../../../../resolve/inspection/outcome/message.ts';
import { limits } from '../../../api/fields.ts';
import { describeImage } from '../../../cluster/history/restored-image.ts';
import { sanitize } from './sanitize.ts';

export function conditionMessage(subject: string, words: string): string {
  return sanitize(`${subject} ${words}`, limits.message);
}

/** Describes an image that was found. */
export function describeInspection(inspection: Inspection): string {
  if (!inspection.stale) return inspection.message;
  // The age of the answer is omitted: `lastSeen` has it, and stored text would become wrong.
  const tried = inspection.attempts.map(attemptWords).join('; ');
  const now = tried === '' ? '' : `: ${tried}`;
  return `${describeImage(inspection)}; that is remembered, as no registry answers now${now}`;
}
