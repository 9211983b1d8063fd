/** Which pods the mutating webhook leaves its verdict in. Where it left none although it should have, it was not asked. */
import { referenceIn } from '../../../judge/image/references.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { ControllerContext } from '../inspect/context.ts';
import { policyOf } from '../inspect/plan.ts';

const excluded: ReadonlySet<string> = new Set(['kube-system', 'kube-node-lease']);

/** Excluded in the webhooks themselves, whatever the configuration says (R4). `own`: Pratique's namespace. */
export function isExcluded(namespace: string, own: string): boolean {
  return excluded.has(namespace) || namespace === own;
}

export function judgedAtAdmission(pod: PodRecord, own: string, inspecting: ControllerContext): boolean {
  const { namespace, isStaticPod, hasSkipLabel, images } = pod;
  if (isExcluded(namespace, own) || isStaticPod) return false;
  const { policyFor } = inspecting.judge.policies;
  if (hasSkipLabel && policyFor({ name: namespace, labels: inspecting.labels(namespace) }, null).skipLabel)
    return false;
  return images.some(({ image }) => {
    const { mode } = policyOf(namespace, referenceIn(image), inspecting);
    return mode === 'enforce' || mode === 'warn';
  });
}
