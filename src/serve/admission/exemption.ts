/** Exemptions: requests that need no judgement, with the reason. */
import type { PodContext } from '../../judge/cluster-context.ts';
import { isOptedOut } from '../../judge/policy/opt-out.ts';
import type { Policies } from '../../judge/policy/policies.ts';
import type { Subject } from '../../judge/subject.ts';
import { annotationOf } from '../../judge/workload/workload.ts';
import { fields, text } from '../../util/unstructured.ts';
import type { Exemption } from './observer.ts';
import type { Review } from './review.ts';

/** Annotation of the API server's object for a static pod, which the kubelet runs in any case. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Returns an exemption that follows from the request alone, or null. */
export function exemptRequest({ operation, object }: Review): Exemption | null {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return 'Delete';
  // The last updates of a deleted object, which usually remove its finalizers, must not fail because of its
  // images.
  return text(fields(fields(object)['metadata'])['deletionTimestamp']) === '' ? null : 'BeingDeleted';
}

/** Returns an exemption that follows from the pod alone, or null. */
export function exemptSubject({ workload, uses, old }: Subject): Exemption | null {
  if (!workload.template && annotationOf(workload, mirrorAnnotation) !== undefined) return 'StaticPod';
  return old && uses.length === 0 ? 'Unchanged' : null;
}

/** Returns the exemption of a pod that opts out; the labels of its namespace decide whether it may. */
export function exemptByLabel(
  subject: Subject,
  { labels }: Pick<PodContext, 'labels'>,
  policies: Policies,
): Exemption | null {
  return isOptedOut(subject, labels, policies) ? 'OptOut' : null;
}
