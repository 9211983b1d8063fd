/** Circuit breaker of one scope of an endpoint: the endpoint itself, one registry behind a mirror, or one repository. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { CircuitBreaker, type QueryOutcome } from './breaker.ts';

/** An endpoint, and the registry whose images are requested from it. */
export interface HealthSubject {
  readonly endpoint: Endpoint;
  /** Domain of the reference. */
  readonly registry: string;
}

/** Outcome of one attempt. */
export interface AttemptOutcome {
  readonly outcome: QueryOutcome;
  /** Explains the refusals that follow. */
  readonly message: string;
  /** Start and end on the monotonic clock, milliseconds. */
  readonly startedAt: number;
  readonly now: number;
}

// Number of distinct repositories that must fail before a mirror's error responses count for more than one repository.
const repositoriesToOpen = 3;
// Number of distinct registries among them that must fail before the errors count for the mirror as a whole.
const registriesToOpen = 2;
const maxFailing = 64;

/** Returns the scopes from the widest to the narrowest. */
export function scopesOf({ endpoint, registry }: HealthSubject): readonly string[] {
  const { url, role, repository } = endpoint;
  const narrowest = `${url} ${registry} ${repository}`;
  return role === 'upstream' ? [url, narrowest] : [url, `${url} ${registry}`, narrowest];
}

export class HealthScope {
  readonly breaker = new CircuitBreaker();
  readonly #key: string;
  /** Explains why the circuit is open. */
  message = '';
  wasSilent = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** Registry by repository, for repositories that failed since the last answer. */
  readonly #failing = new Map<string, string>();

  constructor(key: string) {
    this.#key = key;
  }

  report(attempt: AttemptOutcome, subject: HealthSubject, isTrial: boolean): void {
    const { outcome, message, now } = attempt;
    if (outcome === 'answered') {
      this.#failing.clear();
      this.#answeredAt = now;
      this.wasSilent = false;
    }
    const scopeOutcome = this.#outcomeInScope(attempt, subject, isTrial);
    if (scopeOutcome === 'silent') this.wasSilent = true;
    if (scopeOutcome !== 'answered' && scopeOutcome !== 'cancelled') this.message = message;
    this.breaker.report(scopeOutcome, isTrial, now);
  }

  coolDown(forMs: number, subject: HealthSubject, now: number): void {
    if (this.#ownsErrors(subject) || this.#isWide(subject)) this.breaker.coolDown(forMs, now);
  }

  /**
   * Returns the outcome for this scope. A missing response counts for all scopes, unless the scope has answered since the
   * attempt began.
   */
  #outcomeInScope(
    { outcome, startedAt }: AttemptOutcome,
    subject: HealthSubject,
    isTrial: boolean,
  ): QueryOutcome {
    if (outcome === 'silent' || outcome === 'failed') {
      return this.#answeredAt > startedAt && !isTrial ? 'cancelled' : outcome;
    }
    if (outcome !== 'server-error' || this.#ownsErrors(subject)) return outcome;
    if (this.#isWide(subject)) return 'silent';
    // An error response to a trial shows that the endpoint itself works again.
    return isTrial ? 'answered' : 'cancelled';
  }

  /** Returns true if error responses come from the endpoint itself. Those of a mirror may come from the registry behind it. */
  #ownsErrors(subject: HealthSubject): boolean {
    const scopes = scopesOf(subject);
    return this.#key === (subject.endpoint.role === 'upstream' ? scopes[0] : scopes.at(-1));
  }

  /** Records a failing repository. Returns true if enough repositories fail to attribute the errors to this scope. */
  #isWide({ endpoint, registry }: HealthSubject): boolean {
    if (this.#key.endsWith(` ${registry} ${endpoint.repository}`)) return false;
    if (this.#failing.size < maxFailing) this.#failing.set(`${registry} ${endpoint.repository}`, registry);
    const registries = new Set(this.#failing.values()).size;
    const needed = this.#key === endpoint.url ? registriesToOpen : 1;
    return this.#failing.size >= repositoriesToOpen && registries >= needed;
  }
}
