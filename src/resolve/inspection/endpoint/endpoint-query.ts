/**
 * Client of one resolution for single endpoints. It obtains permission from the endpoint's health, limits the time, and
 * interprets failures.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { matchesGlob } from '../../../util/text/glob.ts';
import { clean } from '../../../util/text/text.ts';
import { deadlineIn, remaining } from '../../../util/async/deadline.ts';
import { noRefusalContext, type PullSecretScope, type RefusalContext } from '../../credentials/credential.ts';
import type { Endpoint, Skip } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../../registry/error.ts';
import type { AttemptContext, RequestTally, ScopeRule } from '../../registry/registry.ts';
import { type ResolutionContext, type ResolutionDeps, targetOf } from '../context.ts';
import type { QueryOutcome } from '../health/breaker.ts';
import type { Permit } from '../health/endpoint-health.ts';
import type { HealthSubject } from '../health/health-scope.ts';
import { type AttemptResult, newTally } from './attempt-log.ts';
import { attemptBudget } from './budget.ts';
import { hostOf } from './endpoint-limits.ts';
import { RefusedByNodes } from './runtime-reactions.ts';

/** One or more requests to an endpoint that yield one value. Throws `RegistryError`. */
export type EndpointQuery<T> = (endpoint: Endpoint, context: AttemptContext) => Promise<T>;

export type QueryResult<T> = QuerySuccess<T> | QueryFailure;

export interface QuerySuccess<T> {
  readonly ok: true;
  readonly endpoint: Endpoint;
  readonly value: T;
}

export interface QueryFailure extends AttemptResult {
  readonly ok: false;
  /** True if the nodes give up the pull after this failure instead of trying the next endpoint. */
  readonly isAbort: boolean;
}

/** Rules for requests that the nodes' runtimes determine. */
export interface QueryRules {
  readonly pullSecretScope: PullSecretScope;
  readonly scopeRule: ScopeRule;
}

// An endpoint that was silent for half of its time limit opens the circuit at once; silence for less than a tenth shows
// nothing.
const fairShare = 0.5;
const smallShare = 0.1;
// Pause after a 429 without Retry-After, milliseconds.
const defaultRetryMs = 5_000;
// 2 ms, because timers may fire slightly early.
const timerMarginMs = 2;

const noTime: Skip = { reason: 'DeadlineExceeded', message: 'not asked: no time was left' };
const onTrial: Skip = {
  reason: 'CircuitOpen',
  message: 'not asked: it failed recently and is being tested in the background',
};
const identityUnknown = 'nodes may have an identity of their own there, which Pratique lacks';
const withheld =
  "nodes send it the image's pull secret, which Pratique keeps from mirrors (credentials.kubeletMatching)";

export class EndpointClient {
  readonly #deps: ResolutionDeps;
  readonly #context: ResolutionContext;
  readonly #rules: QueryRules;
  #hasWaited = false;

  constructor(deps: ResolutionDeps, context: ResolutionContext, rules: QueryRules) {
    this.#deps = deps;
    this.#context = context;
    this.#rules = rules;
  }

  /** Returns how many endpoints from `index` on can still be queried; the one at `index` counts whatever its state. */
  countFrom(endpoints: readonly Endpoint[], index: number): number {
    const { health } = this.#deps;
    const later = endpoints
      .slice(index + 1)
      .filter((endpoint) => endpoint.skip === null && !health.isBlocked(this.#subject(endpoint)));
    return 1 + later.length;
  }

  /**
   * Queries an endpoint. `endpointsLeft` counts the endpoints that can still be queried, this one included. Rejects only for a
   * programming error.
   */
  async query<T>(
    endpoint: Endpoint,
    endpointsLeft: number,
    query: EndpointQuery<T>,
  ): Promise<QueryResult<T>> {
    const result = await this.#queryOnce(endpoint, endpointsLeft, query);
    if (result.ok || endpointsLeft > 1 || this.#hasWaited) return result;
    // For the last endpoint, the query waits once for the end of a rate limit if the caller's deadline allows it.
    const pauseMs = this.#deps.health.coolingMs(this.#subject(endpoint));
    if (pauseMs === 0 || pauseMs >= remaining(this.#context.callerDeadline)) return result;
    this.#hasWaited = true;
    const { signal } = this.#context.workDeadline;
    await (this.#deps.sleep ?? sleepUntil)(Math.ceil(pauseMs) + timerMarginMs, signal);
    return await this.#queryOnce(endpoint, endpointsLeft, query);
  }

  async #queryOnce<T>(
    endpoint: Endpoint,
    endpointsLeft: number,
    query: EndpointQuery<T>,
  ): Promise<QueryResult<T>> {
    const { workDeadline, purpose } = this.#context;
    if (endpoint.skip) return this.#skip(endpoint, endpoint.skip);
    if (workDeadline.signal.aborted) return this.#skip(endpoint, noTime);
    const wait = deadlineIn(this.#budget(endpoint, endpointsLeft), workDeadline.signal);
    const permit = await this.#deps.health.enter(this.#subject(endpoint), wait.signal);
    if (permit.kind === 'refusal') return this.#skip(endpoint, permit);
    // Admission never waits for an endpoint that failed recently.
    if (permit.isTrial && (endpointsLeft > 1 || purpose === 'admission')) {
      this.#probe(endpoint, permit, endpointsLeft);
      return this.#skip(endpoint, onTrial);
    }
    return await this.#attempt(endpoint, permit, endpointsLeft, query);
  }

  async #attempt<T>(
    endpoint: Endpoint,
    permit: Permit,
    endpointsLeft: number,
    query: EndpointQuery<T>,
  ): Promise<QueryResult<T>> {
    const { log, workDeadline } = this.#context;
    const budgetMs = this.#budget(endpoint, endpointsLeft);
    const { signal } = deadlineIn(budgetMs, workDeadline.signal);
    const started = performance.now();
    const tally = log.started(endpoint);
    const stopWatching = this.#watchSilence(permit, budgetMs);
    try {
      const value = await query(this.#withTimeForFallback(endpoint, budgetMs), this.#request(tally, signal));
      permit.release('answered', '');
      this.#notePlainHttp(endpoint, tally);
      log.finished(endpoint, { result: 'available', reason: null, message: 'available' });
      return { ok: true, endpoint, value };
    } catch (error) {
      const share = (performance.now() - started) / this.#deps.endpointTimeoutMs;
      permit.release(outcomeOf(error, share), messageOf(error));
      if (!(error instanceof RegistryError)) throw error;
      if (error.status === 429) permit.coolDown(error.retryAfterMs ?? defaultRetryMs);
      const result = await this.#failure(endpoint, error, tally, budgetMs);
      log.finished(endpoint, result);
      return { ok: false, isAbort: error instanceof RefusedByNodes && error.isAbort, ...result };
    } finally {
      stopWatching();
    }
  }

  /**
   * Opens the circuit while the request continues, so that no other admission waits for a silent endpoint. Endpoints before
   * the last one have no longer budget, and the command line and the controller accept a long wait.
   */
  #watchSilence(permit: Permit, budgetMs: number): () => void {
    const { purpose, onSilence } = this.#context;
    const { endpointTimeoutMs } = this.#deps;
    if (purpose !== 'admission' || budgetMs <= endpointTimeoutMs) return () => {};
    const timer = setTimeout(() => {
      permit.reportSilence(`no complete answer in ${endpointTimeoutMs} ms`);
      onSilence();
    }, endpointTimeoutMs);
    return () => clearTimeout(timer);
  }

  /** Tests in the background whether an endpoint has recovered. The last endpoint may be slow, as in a real attempt. */
  #probe(endpoint: Endpoint, permit: Permit, endpointsLeft: number): void {
    const { endpointTimeoutMs, resolutionTimeoutMs, registry } = this.#deps;
    const { signal } = deadlineIn(endpointsLeft > 1 ? endpointTimeoutMs : resolutionTimeoutMs);
    registry.head(endpoint, targetOf(this.#context.reference), this.#request(newTally(), signal)).then(
      () => permit.release('answered', ''),
      (error: unknown) => {
        permit.release(outcomeOf(error, 1), messageOf(error));
        if (error instanceof RegistryError && error.status === 429) {
          permit.coolDown(error.retryAfterMs ?? defaultRetryMs);
        }
      },
    );
  }

  async #failure(
    endpoint: Endpoint,
    error: RegistryError,
    tally: RequestTally,
    budgetMs: number,
  ): Promise<AttemptResult> {
    const { code, reason, message, retryAfterMs } = error;
    const { reactions } = this.#context;
    if (reason === 'ScopeUnion') reactions.warn('ScopeUnion', endpoint, message);
    if (reason === 'LoopbackAddress')
      return { result: 'skipped', reason: 'NodeLocal', message: `not asked: ${message}` };
    if (reason === 'Timeout')
      return { result: code, reason, message: `${message}${limitHit(budgetMs, this.#deps)}` };
    if (code !== 'denied') {
      return { result: code, reason, message, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
    }
    const doubts = await this.#doubtsAbout(endpoint);
    if (doubts.length === 0) {
      return { result: code, reason, message: `${message}${sentWords(tally, endpoint, reason)}` };
    }
    for (const doubt of doubts) reactions.warn('NodeCredentials', endpoint, doubt);
    return { result: 'unavailable', reason: 'NodeCredentials', message: `${message}; ${doubts.join('; ')}` };
  }

  /** Returns the reasons why a refusal proves nothing about the nodes; [] if it is conclusive. */
  async #doubtsAbout(endpoint: Endpoint): Promise<readonly string[]> {
    const { reference, credentials, workDeadline } = this.#context;
    const { isWithheld, isProvided, problems }: RefusalContext = await credentials
      .refusalContext(reference, endpoint, this.#rules.pullSecretScope, workDeadline.signal)
      .catch(() => noRefusalContext);
    const host = hostOf(endpoint);
    const isIdentityHost = this.#deps.nodeIdentity.some((glob) => matchesGlob(glob, host));
    const lacksIdentity = isIdentityHost && !isProvided && problems.length === 0;
    return [...(isWithheld ? [withheld] : []), ...problems, ...(lacksIdentity ? [identityUnknown] : [])];
  }

  #skip(endpoint: Endpoint, { reason, message, mayServe }: Skip): QueryFailure {
    const skip: Skip = { reason, message, ...(mayServe && { mayServe }) };
    this.#context.log.skipped(endpoint, skip, this.#deps.health.coolingMs(this.#subject(endpoint)));
    return { ok: false, isAbort: false, result: 'skipped', ...skip };
  }

  #request(tally: RequestTally, signal: AbortSignal): AttemptContext {
    const { reference, credentials } = this.#context;
    const scope = this.#rules.pullSecretScope;
    return {
      signal,
      tally,
      credentialsId: credentials.id,
      scopeRule: this.#rules.scopeRule,
      credentials: (endpoint) =>
        credentials.candidates(reference, endpoint, scope, signal).catch(credentialsUnreadable),
    };
  }

  #notePlainHttp(endpoint: Endpoint, { isPlainHttp }: RequestTally): void {
    if (!isPlainHttp || !endpoint.url.startsWith('https:')) return;
    const message =
      'contacted in plain http, because it does not speak TLS; anyone on the path can change responses';
    this.#context.reactions.warn('PlainHttp', endpoint, message);
  }

  /** Limits the https attempt to half of the budget if http is tried afterwards. */
  #withTimeForFallback(endpoint: Endpoint, budgetMs: number): Endpoint {
    if (endpoint.plainFallback.length === 0 || !endpoint.url.startsWith('https:')) return endpoint;
    // A power of two keeps the number of connection pools small.
    const halfMs = 2 ** Math.floor(Math.log2(Math.max(2, budgetMs / 2)));
    return { ...endpoint, dialTimeoutMs: Math.min(endpoint.dialTimeoutMs ?? halfMs, halfMs) };
  }

  #subject(endpoint: Endpoint): HealthSubject {
    return { endpoint, registry: this.#context.reference.domain };
  }

  #budget(endpoint: Endpoint, endpoints: number): number {
    const { callerDeadline, workDeadline, purpose } = this.#context;
    // The command line and the controller can wait for a slow mirror, but not twice for a silent one.
    const isPatient = purpose !== 'admission' && !this.#deps.health.wasSilent(this.#subject(endpoint));
    return attemptBudget({
      endpointTimeoutMs: isPatient ? Number.POSITIVE_INFINITY : this.#deps.endpointTimeoutMs,
      callerMs: remaining(callerDeadline),
      workMs: remaining(workDeadline),
      endpoints,
    });
  }
}

async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

function limitHit(budgetMs: number, { endpointTimeoutMs }: ResolutionDeps): string {
  const key =
    budgetMs === Math.ceil(endpointTimeoutMs) ? 'registry.endpointTimeout' : 'its share of the time';
  return ` (${Math.round(budgetMs)} ms, ${key})`;
}

/** Formats which credentials were refused, or that none were sent. */
function sentWords({ credentialSources }: RequestTally, endpoint: Endpoint, reason: string | null): string {
  if (reason === 'HtmlPage' || reason === 'Redirect') return '';
  if (credentialSources.size === 0) return `; no credentials for ${hostOf(endpoint)} were given`;
  const sources = [...credentialSources].slice(0, 3).map((source) => clean(source, 120));
  return `; credentials from ${sources.join(', ')} were sent and refused: rotated or expired?`;
}

function credentialsUnreadable(cause: unknown): never {
  const message = `the credentials for it could not be read: ${messageOf(cause)}`;
  throw new RegistryError('unavailable', message, { reason: 'Credentials', cause });
}

/**
 * Returns the outcome of a failed attempt for the endpoint's health. `share` is the part of the endpoint's time limit that
 * passed.
 */
function outcomeOf(error: unknown, share: number): QueryOutcome {
  if (!(error instanceof RegistryError)) return 'cancelled';
  if (error.code !== 'unavailable') return 'answered';
  const reason = error.reason ?? '';
  // Too many requests of Pratique's own and the caller's cancellation reveal nothing about the endpoint.
  if (reason === 'Cancelled' || reason === 'Credentials') return 'cancelled';
  if (reason === 'LookUpQueue' || reason === 'LoopbackAddress') return 'cancelled';
  if (reason === 'ServerError') return 'server-error';
  if (reason !== 'Timeout' && reason !== 'ConnectTimeout') return 'failed';
  if (share < smallShare) return 'cancelled';
  return share < fairShare ? 'failed' : 'silent';
}

function messageOf(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error));
}
