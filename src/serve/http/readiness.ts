/** Whether this replica may be sent requests: a set of named checks. Not for liveness. */

/** null when ready, else why not, for a person. */
export type ReadinessCheck = () => string | null;

export interface CheckResult {
  readonly name: string;
  /** null when ready. */
  readonly problem: string | null;
}

/** Ready when every check is; without any, ready. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();

  /** Adds the check, or replaces the one of that name. */
  set(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** Every check by its name, in the order they were added. */
  results(): readonly CheckResult[] {
    return [...this.#checks].map(([name, check]) => ({ name, problem: check() }));
  }
}
