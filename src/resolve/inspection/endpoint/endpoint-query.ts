/** One question to one endpoint: leave to ask, its share of the time, what came of it. Falling back to others is `fallback.ts`'s. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clean } from '../../../util/text/text.ts';
import { deadlineIn, remaining } from '../../../util/async/deadline.ts';
import type { Endpoint, Skip } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../../registry/error.ts';
import type { RequestContext, RequestTally } from '../../registry/registry.ts';
import { type Answered, newTally } from './attempt-log.ts';
import type { QueryOutcome } from '../health/breaker.ts';
import { attemptBudget } from './budget.ts';
import { hostOf } from './endpoint-limits.ts';
import type { Permit } from '../health/endpoint-health.ts';
import { type ResolutionDeps, type ResolutionContext, targetOf } from '../context.ts';

/** What the client is to do at an endpoint. Throws `RegistryError`. */
export type EndpointQuery<T> = (endpoint: Endpoint, ask: RequestContext) => Promise<T>;

export type QueryResult<T> = QuerySuccess<T> | QueryFailure;

export interface QuerySuccess<T> {
  readonly ok: true;
  readonly endpoint: Endpoint;
  readonly value: T;
}

export interface QueryFailure extends Answered {
  readonly ok: false;
}

// An endpoint that kept silent for this part of its normal time is taken for dead at once; one that was given less than
// the second part has shown nothing.
const fairShare = 0.5;
const smallShare = 0.1;
// What a 429 means that says nothing about how long.
const defaultRetryMs = 5_000;

// Timers may fire a little before their time.
const timerMarginMs = 2;

const noTime: Skip = { reason: 'DeadlineExceeded', message: 'not asked: the time was up' };
const probing: Skip = {
  reason: 'CircuitOpen',
  message: 'not asked: it failed lately and is being tried again just now',
};
const nodeIdentity = 'nodes may have an identity of their own there, which Pratique lacks';

export class EndpointClient {
  readonly #means: ResolutionDeps;
  readonly #turn: ResolutionContext;
  #waited = false;

  constructor(means: ResolutionDeps, turn: ResolutionContext) {
    this.#means = means;
    this.#turn = turn;
  }

  /** `left`: endpoints that can still be asked, this one included. Rejects for a programming error only. */
  async query<T>(endpoint: Endpoint, left: number, question: EndpointQuery<T>): Promise<QueryResult<T>> {
    const answer = await this.#once(endpoint, left, question);
    if (answer.ok || left > 1 || this.#waited) return answer;
    // Nobody is behind this endpoint: one wait, where it can lead anywhere in time (rule 7).
    const restMs = this.#means.health.coolingMs(endpoint);
    if (restMs === 0 || restMs >= remaining(this.#turn.soft)) return answer;
    this.#waited = true;
    await (this.#means.sleep ?? sleepUntil)(Math.ceil(restMs) + timerMarginMs, this.#turn.hard.signal);
    return await this.#once(endpoint, left, question);
  }

  async #once<T>(endpoint: Endpoint, left: number, question: EndpointQuery<T>): Promise<QueryResult<T>> {
    const { hard } = this.#turn;
    if (endpoint.skip) return this.#skipped(endpoint, endpoint.skip);
    if (hard.signal.aborted) return this.#skipped(endpoint, noTime);
    const wait = deadlineIn(this.#budget(left), hard.signal);
    const pass = await this.#means.health.enter(endpoint, wait.signal);
    if (pass.kind === 'refusal') return this.#skipped(endpoint, pass);
    if (!pass.trial || left === 1) return await this.#asked(endpoint, pass, this.#budget(left), question);
    this.#probe(endpoint, pass);
    return this.#skipped(endpoint, probing);
  }

  async #asked<T>(
    endpoint: Endpoint,
    permit: Permit,
    budgetMs: number,
    question: EndpointQuery<T>,
  ): Promise<QueryResult<T>> {
    const { log, hard } = this.#turn;
    const { signal } = deadlineIn(budgetMs, hard.signal);
    const started = performance.now();
    try {
      const value = await question(endpoint, this.#askOf(log.asking(endpoint), signal));
      permit.leave('answered', '');
      log.answered(endpoint, { result: 'available', reason: null, message: 'available' });
      return { ok: true, endpoint, value };
    } catch (error) {
      const share = (performance.now() - started) / this.#means.endpointTimeoutMs;
      permit.leave(outcomeOf(error, share), messageOf(error));
      if (!(error instanceof RegistryError)) throw error;
      if (error.status === 429) this.#means.health.coolDown(endpoint, error.retryAfterMs ?? defaultRetryMs);
      const answered = this.#failure(endpoint, error);
      log.answered(endpoint, answered);
      return { ok: false, ...answered };
    }
  }

  /** Finds out behind the caller's back whether a broken endpoint has recovered: there is another one to ask meanwhile. */
  #probe(endpoint: Endpoint, permit: Permit): void {
    const { signal } = deadlineIn(this.#means.endpointTimeoutMs);
    const ask = this.#askOf(newTally(), signal);
    this.#means.registry.head(endpoint, targetOf(this.#turn.reference), ask).then(
      () => permit.leave('answered', ''),
      (error: unknown) => permit.leave(outcomeOf(error, 1), messageOf(error)),
    );
  }

  #failure(endpoint: Endpoint, { code, reason, message }: RegistryError): Answered {
    if (code !== 'denied' || !this.#means.isNodeOnly(hostOf(endpoint), this.#turn.reference)) {
      return { result: code, reason, message };
    }
    return { result: 'unavailable', reason: 'NodeCredentials', message: `${message}; ${nodeIdentity}` };
  }

  #skipped(endpoint: Endpoint, { reason, message }: Skip): QueryFailure {
    this.#turn.log.skipped(endpoint, { reason, message });
    return { ok: false, result: 'skipped', reason, message };
  }

  #askOf(tally: RequestTally, signal: AbortSignal): RequestContext {
    const { reference, credentials } = this.#turn;
    return {
      signal,
      tally,
      credentialsId: credentials.id,
      credentials: (endpoint) => credentials.candidates(reference, endpoint, signal).catch(noCredentials),
    };
  }

  #budget(endpoints: number): number {
    const { soft, hard } = this.#turn;
    const { endpointTimeoutMs } = this.#means;
    return attemptBudget({ endpointTimeoutMs, softMs: remaining(soft), hardMs: remaining(hard), endpoints });
  }
}

async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

function noCredentials(cause: unknown): never {
  const message = `the credentials for it could not be read: ${messageOf(cause)}`;
  throw new RegistryError('unavailable', message, { reason: 'Credentials', cause });
}

/**
 * What a failed attempt says about the endpoint's health. Only silence and server errors speak against it. `share`: for how
 * much of its normal time it was waited for.
 */
function outcomeOf(error: unknown, share: number): QueryOutcome {
  if (!(error instanceof RegistryError)) return 'cancelled';
  if (error.code !== 'unavailable') return 'answered';
  const reason = error.reason ?? '';
  if (reason === 'Cancelled' || reason === 'Credentials') return 'cancelled';
  if (reason !== 'Timeout' && reason !== 'ConnectTimeout') return 'failed';
  if (share < smallShare) return 'cancelled';
  return share < fairShare ? 'failed' : 'silent';
}

function messageOf(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error));
}
