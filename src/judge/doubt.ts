/** A refusal seen in the light of the secrets that a workload logs in with: were all of them known? */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import { clean } from '../util/text/text.ts';
import type { PodContext } from './cluster-context.ts';

/** Registries say "denied" or "not found" to those who may not look: with a secret missing neither is certain. */
export function withMissingSecrets(
  inspection: Inspection,
  { unreadableSecret: unread, absentSecrets }: Pick<PodContext, 'unreadableSecret' | 'absentSecrets'>,
): Inspection {
  const { result, message } = inspection;
  if (result !== 'denied' && result !== 'not-found') return inspection;
  if (unread !== null) {
    return {
      ...inspection,
      result: 'unavailable',
      reason: 'Credentials',
      message: `cannot be told: ${unread}, and without it the image ${message}`,
    };
  }
  const [absent] = absentSecrets;
  if (absent === undefined) return inspection;
  const hint = `The pull secret "${clean(absent, 63)}" does not exist in this namespace`;
  return { ...inspection, message: `${message.replace(/\.$/, '')}. ${hint}` };
}
