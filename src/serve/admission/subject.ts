/** A review → the subject to judge: which images, in which state. */
import { changedUses, type Subject, subjectOf } from '../../judge/subject.ts';
import { templateOf, type Workload } from '../../judge/workload/workload.ts';
import type { Webhook } from './observer.ts';
import type { Review } from './review.ts';

/** Throws `WorkloadError` when the pod has too many images. */
export function subjectOfReview(webhook: Webhook, review: Review): Subject {
  const workload = workloadIn(review, review.object);
  const imagesOnly = review.subResource === 'ephemeralcontainers';
  const old = review.operation === 'UPDATE' ? workloadIn(review, review.oldObject) : null;
  const changed = old ? changedUses(workload.uses, old) : workload.uses;
  return {
    ...subjectOf(workload, review.namespace),
    uses: imagesOnly ? changed.filter(({ kind }) => kind === 'ephemeral') : changed,
    final: webhook === 'validate',
    imagesOnly,
    old,
  };
}

function workloadIn({ kind }: Review, object: unknown): Workload {
  const workload = templateOf(object, kind);
  if (!workload) throw new Error(`${kind.group}/${kind.kind} was taken for a workload`);
  return workload;
}
