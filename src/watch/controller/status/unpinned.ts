/**
 * Pods that run an image by its tag although the policy pins it, because admission was down or could not
 * determine a digest.
 */
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { StatusInputs } from './inputs.ts';
import { createUseMatcher, isActivePod } from './uses.ts';

export function unpinnedUsers({
  object,
  reference,
  users,
  isUnpinned = () => false,
}: Pick<StatusInputs, 'object' | 'reference' | 'users' | 'isUnpinned'>): readonly PodRecord[] {
  const isThisImage = createUseMatcher(object.spec.image, reference);
  return users
    .filter(isActivePod)
    .filter((pod) => pod.images.some((use) => isThisImage(use) && isUnpinned(pod, use)));
}
