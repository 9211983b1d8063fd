/** A platform as an OCI index writes it; `os.version` and `os.features` under names that TypeScript likes. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** `v7`, `v8`, `v3`…; empty when there is none. */
  readonly variant: string;
  /** Windows build, `10.0.20348.2227`; empty when there is none. */
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
}
