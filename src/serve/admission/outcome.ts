/** What a request came to: the answer, and what observers are to know of it. */
import type { Judgement } from '../../judge/judgement.ts';
import { decideError } from '../../judge/policy/decide.ts';
import type { Policies } from '../../judge/policy/policies.ts';
import type { Decision, ImageVerdict, Result } from '../../judge/results.ts';
import { clean } from '../../util/text/text.ts';
import { mutation } from './mutate.ts';
import type { Exemption, Webhook } from './observer.ts';
import { type AdmissionResponse, allowed, errored } from './respond.ts';
import type { Review } from './review.ts';
import { validation } from './validate.ts';

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

export function exempted({ uid }: Review, exemption: Exemption): AdmissionOutcome {
  return { ...noOutcome, response: allowed(uid), decision: 'allow', exemption };
}

export function judged(webhook: Webhook, { uid }: Review, judgement: Judgement): AdmissionOutcome {
  const { reason, images, late } = judgement;
  if (webhook === 'mutate') {
    return { ...noOutcome, response: mutation(uid, judgement), decision: 'allow', reason, images, late };
  }
  const { decision, message } = judgement;
  return { ...noOutcome, response: validation(uid, judgement), decision, reason, message, images, late };
}

/** The labels of the namespace may be what failed: the policy without them decides. */
export function failed(policies: Policies, { uid, namespace }: Review, error: unknown): AdmissionOutcome {
  const answer = decideError(policies.policyFor({ name: namespace, labels: {} }, null));
  const message = `Pratique could not judge this: ${clean(error instanceof Error ? error.message : String(error))}; see its log`;
  return { ...noOutcome, response: errored(uid, answer, message), decision: 'error', message, error };
}
