/** Requests that need no judgement, and why. */
import type { Policies } from '../../judge/policy/policies.ts';
import type { Subject } from '../../judge/subject.ts';
import { fields, text } from '../../judge/workload/read.ts';
import { annotationOf, labelOf } from '../../judge/workload/workload.ts';
import type { Exemption } from './observer.ts';
import type { Review } from './review.ts';

/** On a pod or pod template, `"true"`. */
export const skipLabel = 'pratique.dev/skip';
/** The kubelet's own record of a static pod: it runs whatever the API server says. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Known before the pod is read. */
export function exemptRequest({ operation, object }: Review): Exemption | null {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return 'Delete';
  // The last updates of an object on its way out, finalizers mostly, must not fail on its images.
  return text(fields(fields(object)['metadata'])['deletionTimestamp']) === '' ? null : 'Deleting';
}

/** Known from the pod. */
export function exemptSubject(
  { workload, uses, old, namespace }: Subject,
  { policyFor }: Policies,
): Exemption | null {
  if (!workload.template && annotationOf(workload, mirrorAnnotation) !== undefined) return 'Mirror';
  if (labelOf(workload, skipLabel) === 'true') {
    // Labels of the namespace say nothing about this.
    const { optOut } = policyFor({ name: namespace, labels: {} }, null);
    if (optOut) return 'OptOut';
  }
  return old && uses.length === 0 ? 'Unchanged' : null;
}
