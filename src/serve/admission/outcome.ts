/** Outcome of an admission request: the response, and what observers record about it. */
import { formatFindings } from '../../judge/messages/denial.ts';
import type { Judgement } from '../../judge/judgement.ts';
import { decideError } from '../../judge/policy/decide.ts';
import type { Policies } from '../../judge/policy/policies.ts';
import type { Decision, ImageVerdict, Result } from '../../judge/results.ts';
import { clean } from '../../util/text/text.ts';
import type { Exemption, Webhook } from './observer.ts';
import { type AdmissionResponse, allowed, denied, errored, patched } from './respond.ts';
import type { Review } from './review.ts';

export interface AdmissionOutcome {
  readonly response: AdmissionResponse;
  readonly decision: Decision | 'error';
  readonly reason: Result | 'none';
  readonly exemption: Exemption | null;
  readonly late: boolean;
  readonly message: string;
  readonly images: readonly ImageVerdict[];
  readonly error: unknown;
}

const noOutcome = {
  reason: 'none',
  exemption: null,
  late: false,
  message: '',
  images: [],
  error: null,
} as const;

/** Returns the outcome of a request that needs no judgement. */
export function exempted({ uid }: Review, exemption: Exemption): AdmissionOutcome {
  return { ...noOutcome, response: allowed(uid), decision: 'allow', exemption };
}

/**
 * Returns the outcome of a judgement. The mutating webhook never denies, because only the validating webhook
 * sees the pod's final state.
 */
export function judged(webhook: Webhook, { uid }: Review, judgement: Judgement): AdmissionOutcome {
  const { decision, reason, message, notes, patch, images, late } = judgement;
  if (webhook === 'mutate') {
    const response = patched(uid, patch, { warnings: notes });
    return { ...noOutcome, response, decision: 'allow', reason, images, late };
  }
  return { ...noOutcome, response: validated(uid, judgement), decision, reason, message, images, late };
}

/**
 * Returns the outcome of an internal error. The policy without the namespace's labels decides, because
 * reading them may be what failed.
 */
export function failed(policies: Policies, { uid, namespace }: Review, error: unknown): AdmissionOutcome {
  const decision = decideError(policies.policyFor({ name: namespace, labels: {} }, null));
  const reason = clean(error instanceof Error ? error.message : String(error));
  const message = `Pratique could not judge this: ${reason}; see its log`;
  return { ...noOutcome, response: errored(uid, decision, message), decision: 'error', message, error };
}

/** Returns the response of the validating webhook: the decision, with the verdict for the audit log. */
function validated(uid: string, judgement: Judgement): AdmissionResponse {
  const { decision, reason, message, warnings, images } = judgement;
  const findings = formatFindings(images);
  const auditAnnotations = {
    verdict: `${decision} ${reason}`,
    ...(findings !== '' && { findings }),
  };
  const extras = { warnings, auditAnnotations };
  return decision === 'deny' ? denied(uid, message, extras) : allowed(uid, extras);
}
