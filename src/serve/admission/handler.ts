/** One admission request from bytes to bytes, always within the deadline. It knows neither sockets nor routes. */
import type { Judge } from '../../judge/judge.ts';
import type { Judgement } from '../../judge/judgement.ts';
import type { Subject } from '../../judge/subject.ts';
import type { Surroundings } from '../../judge/surroundings.ts';
import { deadlineIn, expiry } from '../../resolve/deadline.ts';
import { exemptRequest, exemptSubject } from './exemption.ts';
import type { AdmissionObserver, Webhook } from './observer.ts';
import { exempted, failed, type Outcome, ruled } from './outcome.ts';
import { recordOf, recordOfRefusal } from './record.ts';
import { encode } from './respond.ts';
import { decodeReview, type Review, ReviewError } from './review.ts';
import { subjectOfReview } from './subject.ts';

export interface AdmissionOptions {
  readonly judge: Judge;
  /** Looks around a workload; not by a promise where all is at hand: that keeps the warm path warm. */
  readonly surroundings: (subject: Subject) => Surroundings | Promise<Surroundings>;
  /** Milliseconds, below the webhook's `timeoutSeconds` by a margin. */
  readonly deadlineMs: number;
  readonly observer: AdmissionObserver;
}

/** What goes back: a status and a JSON document. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** `signal` aborts when the client went away. */
export type AdmissionHandler = (webhook: Webhook, body: Buffer, signal: AbortSignal) => Promise<Reply>;

/**
 * The handler of both webhooks. What is no review gets 400 and the reason; everything else an AdmissionReview, be it that
 * Pratique itself failed (`onError`) or that time ran out (`unavailable`).
 */
export function admission(options: AdmissionOptions): AdmissionHandler {
  return async (webhook, body, signal) => {
    const started = performance.now();
    const reading = read(body);
    if (reading instanceof ReviewError) {
      options.observer.answered(recordOfRefusal(webhook, reading, performance.now() - started));
      return { status: 400, body: JSON.stringify({ code: reading.code, message: reading.message }) };
    }
    const outcome = await outcomeOf(options, { webhook, review: reading, signal, started });
    options.observer.answered(recordOf(webhook, reading, outcome, performance.now() - started));
    return { status: 200, body: encode(outcome.response) };
  };
}

interface Request {
  readonly webhook: Webhook;
  readonly review: Review;
  readonly signal: AbortSignal;
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

async function outcomeOf(options: AdmissionOptions, request: Request): Promise<Outcome> {
  const { webhook, review } = request;
  try {
    const early = exemptRequest(review);
    if (early) return exempted(review, early);
    const subject = subjectOfReview(webhook, review);
    const exemption = exemptSubject(subject, options.judge.policies);
    if (exemption) return exempted(review, exemption);
    return ruled(webhook, review, await judgementOf(options, subject, request));
  } catch (error) {
    return failed(options.judge.policies, review, error);
  }
}

async function judgementOf(
  { judge, surroundings, deadlineMs }: AdmissionOptions,
  subject: Subject,
  { signal, started }: Request,
): Promise<Judgement> {
  const looked = surroundings(subject);
  const hearing = looked instanceof Promise ? null : judge.hear(subject, looked);
  const warm = hearing?.atOnce();
  if (warm) return warm;
  // Timers take whole milliseconds.
  const left = Math.max(0, Math.floor(deadlineMs - (performance.now() - started)));
  const deadline = deadlineIn(left, signal);
  if (hearing) return hearing.judgement(deadline, 'admission');
  const around = await Promise.race([looked, expiry(deadline)]);
  if (!around) return judge.unanswered(subject);
  return judge.judge({ subject, surroundings: around, deadline, purpose: 'admission' });
}
