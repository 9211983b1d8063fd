/** One admission request from bytes to bytes, always within the deadline. It knows neither sockets nor routes. */
import type { Judge } from '../../judge/judge.ts';
import type { Judgement } from '../../judge/judgement.ts';
import type { Subject } from '../../judge/subject.ts';
import type { ContextProvider, PendingContext } from '../../judge/cluster-context.ts';
import { type Deadline, deadlineIn, expiry } from '../../util/async/deadline.ts';
import { exemptRequest, exemptSubject } from './exemption.ts';
import type { AdmissionObserver, Webhook } from './observer.ts';
import { exempted, failed, type AdmissionOutcome, judged } from './outcome.ts';
import { admissionRecord, rejectedRecord } from './record.ts';
import { encode } from './respond.ts';
import { decodeReview, type Review, ReviewError } from './review.ts';
import { subjectOfReview } from './subject.ts';

export interface AdmissionOptions {
  readonly judge: Judge;
  readonly contextProvider: ContextProvider;
  /** Milliseconds for an answer, or less where the client waits for less. */
  readonly deadlineMs: number;
  readonly observer: AdmissionObserver;
}

/** What goes back: a status and a JSON document. */
export interface AdmissionReply {
  readonly status: number;
  readonly body: string;
}

/** `signal` aborts when the client went away, which it does after `patienceMs`. No promise where every answer is at hand: most of a busy cluster's requests. */
export type AdmissionHandler = (
  webhook: Webhook,
  body: Buffer,
  signal: AbortSignal,
  patienceMs: number,
) => AdmissionReply | Promise<AdmissionReply>;

/** For the way there and back: the answer has to come before the client gives up. */
const marginMs = 500;

/**
 * The handler of both webhooks. What is no review gets 400 and the reason; everything else an AdmissionReview, be it that
 * Pratique itself failed (`onError`) or that time ran out (`unavailable`).
 */
export function admission(options: AdmissionOptions): AdmissionHandler {
  const { observer } = options;
  return (webhook, body, signal, patienceMs) => {
    const started = performance.now();
    const review = read(body);
    if (review instanceof ReviewError) {
      observer.answered(rejectedRecord(webhook, review, performance.now() - started));
      return { status: 400, body: JSON.stringify({ code: review.code, message: review.message }) };
    }
    const answer = (outcome: AdmissionOutcome): AdmissionReply => {
      observer.answered(admissionRecord(webhook, review, outcome, performance.now() - started));
      return { status: 200, body: encode(outcome.response) };
    };
    const outcome = outcomeOf(options, { webhook, review, signal, patienceMs, started });
    return outcome instanceof Promise ? outcome.then(answer) : answer(outcome);
  };
}

interface Request {
  readonly webhook: Webhook;
  readonly review: Review;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  /** On the clock of `performance.now()`. */
  readonly started: number;
}

function read(body: Buffer): Review | ReviewError {
  try {
    return decodeReview(body);
  } catch (error) {
    if (error instanceof ReviewError) return error;
    throw error;
  }
}

function outcomeOf(
  options: AdmissionOptions,
  request: Request,
): AdmissionOutcome | Promise<AdmissionOutcome> {
  const { webhook, review } = request;
  const failing = (error: unknown) => failed(options.judge.policies, review, error);
  try {
    const early = exemptRequest(review);
    if (early) return exempted(review, early);
    const subject = subjectOfReview(webhook, review);
    const exemption = exemptSubject(subject, options.judge.policies);
    if (exemption) return exempted(review, exemption);
    const judgement = judgementOf(options, subject, request);
    if (!(judgement instanceof Promise)) return judged(webhook, review, judgement);
    return judgement.then((reached) => judged(webhook, review, reached)).catch(failing);
  } catch (error) {
    return failing(error);
  }
}

function judgementOf(
  options: AdmissionOptions,
  subject: Subject,
  request: Request,
): Judgement | Promise<Judgement> {
  const around = options.contextProvider(subject);
  if ('soFar' in around) return lookedAround(options, subject, around, deadlineOf(options, request));
  const hearing = options.judge.begin(subject, around);
  return hearing.tryNow() ?? hearing.evaluate(deadlineOf(options, request), 'admission');
}

async function lookedAround(
  { judge }: AdmissionOptions,
  subject: Subject,
  looking: PendingContext,
  deadline: Deadline,
): Promise<Judgement> {
  const podContext = (await Promise.race([looking.all, expiry(deadline)])) ?? looking.soFar();
  return judge.judge({ subject, podContext, deadline, purpose: 'admission' });
}

function deadlineOf({ deadlineMs }: AdmissionOptions, { signal, patienceMs, started }: Request): Deadline {
  const limitMs = Math.min(deadlineMs, patienceMs - marginMs);
  // Timers take whole milliseconds.
  return deadlineIn(Math.max(0, Math.floor(limitMs - (performance.now() - started))), signal);
}
