/** Breaker of one scope of an endpoint: the endpoint itself, one registry behind a mirror, or one repository of that registry. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { CircuitBreaker, type QueryOutcome } from './breaker.ts';

/** An endpoint, and the registry whose images are requested there. */
export interface HealthSubject {
  readonly endpoint: Endpoint;
  /** Domain of the reference. */
  readonly registry: string;
}

// Distinct repositories that must fail before a mirror's error responses count for more than one repository.
const repositoriesToOpen = 3;
// Distinct registries among them before the errors count for the mirror as a whole.
const registriesToOpen = 2;
const maxFailing = 64;

/** Returns the scopes from the widest to the narrowest. An upstream registry has one scope, because its errors are its own. */
export function scopesOf({ endpoint, registry }: HealthSubject): readonly string[] {
  const { url, role, repository } = endpoint;
  return role === 'upstream' ? [url] : [url, `${url} ${registry}`, `${url} ${registry} ${repository}`];
}

export class HealthScope {
  readonly breaker = new CircuitBreaker();
  readonly #key: string;
  /** Explains why the circuit is open. */
  message = '';
  wasSilent = false;
  /** Registry by repository, for repositories that failed since the last answer. */
  readonly #failing = new Map<string, string>();

  constructor(key: string) {
    this.#key = key;
  }

  report(
    outcome: QueryOutcome,
    message: string,
    subject: HealthSubject,
    isTrial: boolean,
    now: number,
  ): void {
    if (outcome === 'answered') {
      this.#failing.clear();
      this.wasSilent = false;
    } else {
      this.message = message;
    }
    if (outcome === 'silent') this.wasSilent = true;
    const weighed = this.#weigh(outcome, subject);
    // An error response to a trial shows that the endpoint itself works again.
    const isAlive = isTrial && outcome === 'server-error' && weighed === 'cancelled';
    this.breaker.report(isAlive ? 'answered' : weighed, isTrial, now);
  }

  coolDown(forMs: number, subject: HealthSubject, now: number): void {
    if (this.#isOwn(subject) || this.#isWide(subject)) this.breaker.coolDown(forMs, now);
  }

  /** A missing response belongs to the endpoint, an error response to the narrowest scope, until it is seen widely. */
  #weigh(outcome: QueryOutcome, subject: HealthSubject): QueryOutcome {
    const isEndpoint = this.#key === subject.endpoint.url;
    if (outcome === 'silent' || outcome === 'failed') return isEndpoint ? outcome : 'cancelled';
    if (outcome !== 'server-error' || this.#isOwn(subject)) return outcome;
    return this.#isWide(subject) ? 'silent' : 'cancelled';
  }

  #isOwn(subject: HealthSubject): boolean {
    return scopesOf(subject).at(-1) === this.#key;
  }

  /** Records a failing repository. Returns true if enough of them fail to blame this scope. */
  #isWide({ endpoint, registry }: HealthSubject): boolean {
    if (this.#failing.size < maxFailing) this.#failing.set(`${registry} ${endpoint.repository}`, registry);
    const registries = new Set(this.#failing.values()).size;
    const needed = this.#key === endpoint.url ? registriesToOpen : 1;
    return this.#failing.size >= repositoriesToOpen && registries >= needed;
  }
}
