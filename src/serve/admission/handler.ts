/**
 * Handler of admission requests: it takes the bytes of a body and returns those of an answer, always within
 * the deadline. It does not depend on sockets or routes.
 */
import type { ContextProvider, PodContext } from '../../judge/cluster-context.ts';
import type { Judge } from '../../judge/judge.ts';
import type { Subject } from '../../judge/subject.ts';
import { type Deadline, deadlineIn, expiry } from '../../util/async/deadline.ts';
import { exemptByLabel, exemptRequest, exemptSubject } from './exemption.ts';
import type { AdmissionObserver, Webhook } from './observer.ts';
import { type AdmissionOutcome, exempted, failed, judged } from './outcome.ts';
import { admissionRecord, rejectedRecord } from './record.ts';
import { encode } from './respond.ts';
import { decodeReview, type Review, ReviewError } from './review.ts';
import { subjectOfReview } from './subject.ts';

export interface AdmissionOptions {
  readonly judge: Judge;
  readonly contextProvider: ContextProvider;
  /** Time limit for an answer in milliseconds. It is shorter if the client has a shorter timeout. */
  readonly deadlineMs: number;
  readonly observer: AdmissionObserver;
}

/** HTTP response: a status and a JSON document. */
export interface AdmissionReply {
  readonly status: number;
  readonly body: string;
}

/**
 * Answers one request. `signal` aborts when the client has left, which it does after `patienceMs`. The
 * handler returns no promise if everything is in memory, as for most requests of a busy cluster.
 */
export type AdmissionHandler = (
  webhook: Webhook,
  body: Buffer,
  signal: AbortSignal,
  patienceMs: number,
) => AdmissionReply | Promise<AdmissionReply>;

/**
 * Time for sending the request and the answer, in milliseconds: the answer must arrive before the client's
 * timeout.
 */
const marginMs = 500;

/**
 * Returns the handler of both webhooks. A body that is not a review gets status 400 and the reason.
 * Everything else gets an AdmissionReview, even if Pratique itself fails (`onError`) or the deadline passes
 * (`unavailable`).
 */
export function admission(options: AdmissionOptions): AdmissionHandler {
  const { judge, observer } = options;
  return (webhook, body, signal, patienceMs) => {
    const started = performance.now();
    const review = decodeOrError(body, judge);
    if (review instanceof ReviewError) {
      observer.answered(rejectedRecord(webhook, review, performance.now() - started));
      return { status: 400, body: JSON.stringify({ code: review.code, message: review.message }) };
    }
    const reply = (outcome: AdmissionOutcome): AdmissionReply => {
      observer.answered(admissionRecord(webhook, review, outcome, performance.now() - started));
      return { status: 200, body: encode(outcome.response) };
    };
    const outcome = outcomeOf(options, { webhook, review, signal, patienceMs, started });
    return outcome instanceof Promise ? outcome.then(reply) : reply(outcome);
  };
}

interface AdmissionRequest {
  readonly webhook: Webhook;
  readonly review: Review;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  /** Start of the request on the clock of `performance.now()`. */
  readonly started: number;
}

function decodeOrError(body: Buffer, { policies: { kinds } }: Judge): Review | ReviewError {
  try {
    return decodeReview(body, kinds);
  } catch (error) {
    if (error instanceof ReviewError) return error;
    throw error;
  }
}

function outcomeOf(
  options: AdmissionOptions,
  request: AdmissionRequest,
): AdmissionOutcome | Promise<AdmissionOutcome> {
  const { webhook, review } = request;
  const { policies } = options.judge;
  try {
    const early = exemptRequest(review);
    if (early) return exempted(review, early);
    const subject = subjectOfReview(webhook, review, policies.kinds);
    const exemption = exemptSubject(subject);
    if (exemption) return exempted(review, exemption);
    const outcome = subjectOutcome(options, subject, request);
    return outcome instanceof Promise
      ? outcome.catch((error: unknown) => failed(policies, review, error))
      : outcome;
  } catch (error) {
    return failed(policies, review, error);
  }
}

function subjectOutcome(
  options: AdmissionOptions,
  subject: Subject,
  request: AdmissionRequest,
): AdmissionOutcome | Promise<AdmissionOutcome> {
  const context = options.contextProvider(subject);
  if (!('soFar' in context)) {
    return contextOutcome(options, subject, context, request, () => deadlineOf(options, request));
  }
  const deadline = deadlineOf(options, request);
  return Promise.race([context.all, expiry(deadline)]).then((all) =>
    contextOutcome(options, subject, all ?? context.soFar(), request, () => deadline),
  );
}

/**
 * Decides with the pod's context. It calls `deadline` only if it has to wait, because a timer costs more than
 * a judgement from memory.
 */
function contextOutcome(
  { judge }: AdmissionOptions,
  subject: Subject,
  podContext: PodContext,
  { webhook, review }: AdmissionRequest,
  deadline: () => Deadline,
): AdmissionOutcome | Promise<AdmissionOutcome> {
  const exemption = exemptByLabel(subject, podContext, judge.policies);
  if (exemption) return exempted(review, exemption);
  const evaluation = judge.begin(subject, podContext);
  const judgement = evaluation.tryNow();
  if (judgement) return judged(webhook, review, judgement);
  return evaluation.evaluate(deadline(), 'admission').then((reached) => judged(webhook, review, reached));
}

function deadlineOf(
  { deadlineMs }: AdmissionOptions,
  { signal, patienceMs, started }: AdmissionRequest,
): Deadline {
  const limitMs = Math.min(deadlineMs, patienceMs - marginMs);
  // Timers take whole milliseconds.
  return deadlineIn(Math.max(0, Math.floor(limitMs - (performance.now() - started))), signal);
}
