/** What a verb may touch of the outside: given by `main`, replaced in tests. */

export interface Output {
  write(text: string): void;
  /** A person is looking. */
  readonly isTerminal: boolean;
  /** Colour is wanted: a terminal, and no NO_COLOR. */
  readonly colour: boolean;
  /** Columns of the terminal; null when it is none. */
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

/** Exit statuses, the same for every verb (the table "Command line" of the reference). */
export const exit = { ok: 0, refused: 1, usage: 2, unavailable: 3, interrupted: 130 } as const;
export type Exit = (typeof exit)[keyof typeof exit];

/** The command was not understood, or its configuration cannot be used: exit status 2, nothing on stdout. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}
