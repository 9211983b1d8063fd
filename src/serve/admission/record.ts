/** Record of a request and its outcome for observers. Its texts are cleaned, and everything has a limit. */
import { fields, text } from '../../util/unstructured.ts';
import { clean } from '../../util/text/text.ts';
import type { Admission, Webhook } from './observer.ts';
import type { AdmissionOutcome } from './outcome.ts';
import type { Review, ReviewError } from './review.ts';

// Limit of a name, which is that of Kubernetes.
const maxName = 253;

export function admissionRecord(
  webhook: Webhook,
  review: Review,
  outcome: AdmissionOutcome,
  durationMs: number,
): Admission {
  const { response: _response, ...rest } = outcome;
  return {
    ...rest,
    webhook,
    operation: review.operation,
    dryRun: review.dryRun,
    uid: clean(review.uid),
    kind: review.kind.kind,
    namespace: clean(review.namespace, maxName),
    name: clean(objectNameOf(review), maxName),
    durationMs,
  };
}

export function rejectedRecord(webhook: Webhook, error: ReviewError, durationMs: number): Admission {
  return {
    webhook,
    operation: 'UNKNOWN',
    decision: 'error',
    reason: 'none',
    exemption: null,
    late: false,
    dryRun: false,
    uid: '',
    kind: '',
    namespace: '',
    name: '',
    message: error.message,
    images: [],
    durationMs,
    // A body that is not a review is not an internal error: a client must not be able to fill the log with
    // stack traces.
    error: null,
  };
}

/** Returns the object's name. Pods of a controller have only the prefix of a name before they are stored. */
function objectNameOf({ name, object }: Review): string {
  const metadata = fields(fields(object)['metadata']);
  return name || text(metadata['name']) || text(metadata['generateName']);
}
