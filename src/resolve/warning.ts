/** Warning: a quirk of a node's configuration or an odd manifest, which does not change a verdict by itself. */
export interface Warning {
  /** PascalCase word from a closed list, `ServerOmitted`. */
  readonly code: string;
  readonly message: string;
  /** `file:line` if a file is the cause, else null. */
  readonly source: string | null;
}
