/** Streams and signals for a verb: given by `main`, replaced in tests. */

export interface Output {
  write(text: string): void;
  /** The stream is a terminal. */
  readonly isTerminal: boolean;
  /** The stream is a terminal that shows colours, and NO_COLOR is not set. */
  readonly colour: boolean;
  /** Columns of the terminal; null for other streams. */
  readonly width: number | null;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** All of standard input as bytes, at most `limit`; throws beyond that. */
  readonly readStdin: (limit: number) => Promise<Uint8Array>;
  /** Aborts on SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Exit statuses, the same for every verb. `interrupted` is what a shell reports for SIGINT. */
export const exit = { ok: 0, refused: 1, usage: 2, unavailable: 3, interrupted: 130 } as const;
export type Exit = (typeof exit)[keyof typeof exit];

/** Invalid arguments, or a file that cannot be used: exit status 2, nothing on stdout. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}
