/** Something a person should know that changes no verdict by itself: a quirk of a node's configuration, an odd manifest. */
export interface Warning {
  /** PascalCase word from a closed list per room, `ServerOmitted`. */
  readonly code: string;
  readonly message: string;
  /** `file:line` where a file is to blame. */
  readonly source: string | null;
}
