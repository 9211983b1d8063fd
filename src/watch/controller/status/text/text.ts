/** Verdicts as whole sentences for conditions and events: the words are `judge`'s, the image's name stands before them. */
import type { Inspection } from '../../../../resolve/inspection/inspection.ts';
import { attemptWords } from '../../../../resolve/inspection/outcome/message.ts';
import { limits } from '../../../api/fields.ts';
import { describeImage } from '../../../cluster/history/restored-image.ts';
import { shown } from './sanitize.ts';

export function sentence(subject: string, words: string): string {
  return shown(`${subject} ${words}`, limits.message);
}

/** Of an image that is there. */
export function seenWords(inspection: Inspection): string {
  if (!inspection.stale) return inspection.message;
  // How long ago, `lastSeen` tells: a stored text would only be wrong about it.
  const tried = inspection.attempts.map(attemptWords).join('; ');
  const now = tried === '' ? '' : `: ${tried}`;
  return `${describeImage(inspection)}; that is remembered, as no registry answers now${now}`;
}
