/** Readiness of this replica, composed of named checks. */

/** Returns null if ready, and otherwise the reason as a sentence. */
export type ReadinessCheck = () => string | null;

export interface CheckResult {
  readonly name: string;
  /** Reason why the check fails; null if it passes. */
  readonly problem: string | null;
}

/** Set of named checks. The replica is ready if every check passes, or if there are none. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();

  /** Adds the check, or replaces the one of that name. */
  set(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** Returns the results in the order in which the checks were added. */
  results(): readonly CheckResult[] {
    return [...this.#checks].map(([name, check]) => ({ name, problem: check() }));
  }
}
