/** Requests that need no judgement, and why. */
import { isOptedOut } from '../../judge/policy/opt-out.ts';
import type { Policies } from '../../judge/policy/policies.ts';
import type { Subject } from '../../judge/subject.ts';
import { fields, text } from '../../util/unstructured.ts';
import { annotationOf } from '../../judge/workload/workload.ts';
import type { Exemption } from './observer.ts';
import type { Review } from './review.ts';

/** The kubelet's own record of a static pod: it runs whatever the API server says. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Known before the pod is read. */
export function exemptRequest({ operation, object }: Review): Exemption | null {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return 'Delete';
  // The last updates of an object on its way out, finalizers mostly, must not fail on its images.
  return text(fields(fields(object)['metadata'])['deletionTimestamp']) === '' ? null : 'BeingDeleted';
}

/** Known from the pod. */
export function exemptSubject(subject: Subject, policies: Policies): Exemption | null {
  const { workload, uses, old } = subject;
  if (!workload.template && annotationOf(workload, mirrorAnnotation) !== undefined) return 'StaticPod';
  if (isOptedOut(subject, policies)) return 'OptOut';
  return old && uses.length === 0 ? 'Unchanged' : null;
}
