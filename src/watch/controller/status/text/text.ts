/** Verdicts as whole sentences for conditions and events: the words are `judge`'s, the image's name stands before them. */
import type { Inspection } from '../../../../resolve/inspection/inspection.ts';
import { attemptWords, platformWords } from '../../../../resolve/inspection/outcome/message.ts';
import { limits } from '../../../api/fields.ts';
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
  return `${rememberedWords(inspection)}; that is remembered, as no registry answers now${now}`;
}

/** `is sha256:… (linux/amd64, linux/arm64) at https://mirror.corp/v2` */
export function rememberedWords({
  digest,
  kind,
  platforms,
  endpoint,
}: Pick<Inspection, 'digest' | 'kind' | 'platforms' | 'endpoint'>): string {
  const what = platforms.length === 0 && kind === 'artifact' ? 'artifact' : platformWords(platforms);
  return `is ${digest ?? 'unknown'} (${what})${endpoint === null ? '' : ` at ${endpoint}`}`;
}
