/** Readiness of this replica: a set of named checks. */

/** null if ready, else the reason as a sentence. */
export type ReadinessCheck = () => string | null;

export interface CheckResult {
  readonly name: string;
  /** null if ready. */
  readonly problem: string | null;
}

/** Ready if every check is, or if there are none. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();

  /** Adds the check, or replaces the one of that name. */
  set(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** The results in the order in which the checks were added. */
  results(): readonly CheckResult[] {
    return [...this.#checks].map(([name, check]) => ({ name, problem: check() }));
  }
}
