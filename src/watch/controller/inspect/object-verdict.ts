/**
 * Verdict of an ImageInspection, derived from the verdict on a pod: the object stands for all pods that use
 * the image, or for none.
 */
import type { ImageVerdict } from '../../../judge/results.ts';
import type { InspectionPlan } from './plan.ts';

/**
 * Returns the verdict. Under `platforms: any` an image that runs on some nodes is available, because its pods
 * are restricted to them. Without users, the message refers to the nodes and not to a pod.
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
