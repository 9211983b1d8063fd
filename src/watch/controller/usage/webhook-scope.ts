/** Scope of the mutating webhook, which is the set of pods that it writes its verdict into. */
import { referenceIn } from '../../../judge/image/references.ts';
import { honoursSkipLabel } from '../../../judge/policy/opt-out.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { ControllerContext } from '../inspect/context.ts';
import { policyOf } from '../inspect/plan.ts';

const excludedNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-node-lease']);

/**
 * Returns true for namespaces that the webhook configurations always exclude. `ownNamespace` is Pratique's.
 */
export function isExcludedNamespace(namespace: string, ownNamespace: string): boolean {
  return excludedNamespaces.has(namespace) || namespace === ownNamespace;
}

export function isJudgedAtAdmission(
  pod: PodRecord,
  ownNamespace: string,
  context: ControllerContext,
): boolean {
  const { namespace, isStaticPod, hasSkipLabel, images } = pod;
  if (isExcludedNamespace(namespace, ownNamespace) || isStaticPod) return false;
  const { policies } = context.judge;
  if (hasSkipLabel && honoursSkipLabel({ name: namespace, labels: context.labels(namespace) }, policies)) {
    return false;
  }
  return images.some(({ image }) => {
    const { mode } = policyOf(namespace, referenceIn(image), context);
    return mode === 'enforce' || mode === 'warn';
  });
}
