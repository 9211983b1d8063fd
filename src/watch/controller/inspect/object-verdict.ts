/** Verdict of an ImageInspection from the verdict of a pod: it stands for all pods that use the image, or for none. */
import type { ImageVerdict } from '../../../judge/results.ts';
import type { InspectionPlan } from './plan.ts';

/**
 * Under `platforms: any` an image that fits some nodes is available: its pods are restricted to them. Without users, the
 * message speaks of the nodes and not of a pod.
 */
export function objectVerdict(
  verdict: ImageVerdict,
  { users, namesPlatforms }: Pick<InspectionPlan, 'users' | 'namesPlatforms'>,
): ImageVerdict {
  if (verdict.result !== 'platform-missing') return verdict;
  const isTolerated = verdict.fit === 'some' && verdict.policy.platforms === 'any' && !namesPlatforms;
  const described =
    users.length > 0 ? verdict : { ...verdict, message: describeMissing(verdict, namesPlatforms) };
  return isTolerated ? { ...described, result: 'available' } : described;
}

function describeMissing({ missingPlatforms }: ImageVerdict, namesPlatforms: boolean): string {
  const missing = missingPlatforms.join(', ');
  return namesPlatforms
    ? `lacks ${missing}, required by spec.platforms`
    : `lacks ${missing}, the platform of nodes on which a pod without tolerations can be scheduled`;
}
