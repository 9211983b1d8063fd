/** Requests that need no judgement, and why. */
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

/** Known from the pod; `optOut`: its label counts. */
export function exemptSubject({ workload, uses, old }: Subject, optOut: boolean): Exemption | null {
  if (!workload.template && annotationOf(workload, mirrorAnnotation) !== undefined) return 'Mirror';
  if (optOut && labelOf(workload, skipLabel) === 'true') return 'OptOut';
  return old && uses.length === 0 ? 'Unchanged' : null;
}
