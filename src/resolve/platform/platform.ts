/** Platform of an OCI index. `osVersion` and `osFeatures` are its `os.version` and `os.features`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** `v7`, `v8`, `v3`…; empty if there is none. */
  readonly variant: string;
  /** Windows build, `10.0.20348.2227`; empty if there is none. */
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
}
