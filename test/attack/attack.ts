/** One way to take admission down: what is thrown at a running `pratique serve`, and what honest clients see meanwhile. */

export interface Attack {
  /** Short and stable, such as `A4`. */
  readonly id: string;
  /** What is thrown, in a few words. */
  readonly thrown: string;
  /** Takes longer than half a minute: runs by name or with `--long`. */
  readonly isLong: boolean;
  run(): Promise<AttackResult>;
}

export interface AttackResult {
  /** Honest requests that were answered. */
  readonly answers: number;
  /** Answered after the limit of the case. */
  readonly late: number;
  /** Answered with another decision or text than the truth. */
  readonly wrong: number;
  /** Refused, cut off or never answered. */
  readonly lost: number;
  /** Largest resident set of the process, MiB. */
  readonly memoryMiB: number;
  /** Longest time in which the process' event loop answered nothing, milliseconds. */
  readonly loopDelayMs: number;
  /** Why the case does not hold; empty if it holds. */
  readonly failures: readonly string[];
}
