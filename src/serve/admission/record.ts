/** A request and its outcome as observers get them: texts cleaned, everything bounded. */
import { fields, text } from '../../util/unstructured.ts';
import { clean } from '../../util/text/text.ts';
import type { Admission, Webhook } from './observer.ts';
import type { AdmissionOutcome } from './outcome.ts';
import type { Review, ReviewError } from './review.ts';

// A name in Kubernetes has 253 characters.
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
    name: clean(nameOf(review), maxName),
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
    // Nothing went wrong inside: whoever can connect must not fill the log with our stacks.
    error: null,
  };
}

/** Pods of a controller have no name before they are stored, only the prefix of one. */
function nameOf({ name, object }: Review): string {
  const metadata = fields(fields(object)['metadata']);
  return name || text(metadata['name']) || text(metadata['generateName']);
}
