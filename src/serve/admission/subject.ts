/** Subject of an AdmissionReview: the images that are judged, and the state of the object. */
import { changedUses, type Subject, subjectOf } from '../../judge/subject.ts';
import type { WorkloadKinds } from '../../judge/workload/workload-kinds.ts';
import { templateOf, type Workload } from '../../judge/workload/workload.ts';
import type { Webhook } from './observer.ts';
import type { Review } from './review.ts';

export function subjectOfReview(webhook: Webhook, review: Review, kinds: WorkloadKinds): Subject {
  const workload = workloadIn(review, review.object, kinds);
  const imagesOnly = review.subResource === 'ephemeralcontainers';
  const old = review.operation === 'UPDATE' ? workloadIn(review, review.oldObject, kinds) : null;
  const changed = old ? changedUses(workload.uses, old) : workload.uses;
  return {
    ...subjectOf(workload, review.namespace),
    uses: imagesOnly ? changed.filter(({ kind }) => kind === 'ephemeral') : changed,
    final: webhook === 'validate',
    imagesOnly,
    old,
  };
}

function workloadIn({ kind }: Review, object: unknown, kinds: WorkloadKinds): Workload {
  const workload = templateOf(object, kind, kinds);
  if (!workload) throw new Error(`${kind.group}/${kind.kind} was taken for a workload`);
  return workload;
}
