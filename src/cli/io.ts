/** Streams and signals for a command. `main` provides them, and tests replace them. */

export interface Output {
  write(text: string): void;
  /** True if the stream is a terminal. */
  readonly isTerminal: boolean;
  /** True if the stream is a terminal that shows colours and NO_COLOR is not set. */
  readonly colour: boolean;
  /** Columns of the terminal; null for other streams. */
  readonly width: number | null;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Reads all bytes of standard input. Throws if there are more than `limit`. */
  readonly readStdin: (limit: number) => Promise<Uint8Array>;
  /** Signal that aborts on SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Exit statuses, which are the same for every command. A shell reports `interrupted` for SIGINT. */
export const exit = { ok: 0, refused: 1, usage: 2, unavailable: 3, interrupted: 130 } as const;
export type Exit = (typeof exit)[keyof typeof exit];

/**
 * Error of invalid arguments or of a file that cannot be used. The exit status is 2, and nothing is written
 * to stdout.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}
