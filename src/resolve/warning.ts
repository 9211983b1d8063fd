/** Warning about an odd configuration or manifest, which alone does not change a verdict. */
export interface Warning {
  /** PascalCase word from a closed list, such as `ServerOmitted`. */
  readonly code: string;
  readonly message: string;
  /** `file:line` if a file is the cause; otherwise null. */
  readonly source: string | null;
}
