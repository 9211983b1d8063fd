/** Typed arguments of each command, shared by the command line and the commands. */

export const tableFormats = ['table', 'json'] as const;
export const checkFormats = ['table', 'json', 'junit', 'sarif', 'github'] as const;
export const shells = ['bash', 'zsh', 'fish'] as const;

export type TableFormat = (typeof tableFormats)[number];
export type CheckFormat = (typeof checkFormats)[number];
export type Shell = (typeof shells)[number];

/** Arguments that select the configuration. */
export interface ConfigurationArguments {
  /** Path of the configuration file; null if the option is missing. */
  readonly config: string | null;
  /** `KIND=PATH` as written, which replaces the section `mirrors`; null if the option is missing. */
  readonly mirrors: string | null;
}

export interface InspectArguments extends ConfigurationArguments {
  readonly platforms: readonly string[];
  readonly allEndpoints: boolean;
  /**
   * `off`: the parts of an image are not checked. `exists`: their existence is checked. `read`: their content
   * is read too.
   */
  readonly deep: 'off' | 'exists' | 'read';
  /** Timeout as written, for example `30s`. */
  readonly timeout: string;
  readonly output: TableFormat;
  readonly images: readonly string[];
}

export interface EndpointsArguments extends ConfigurationArguments {
  readonly output: TableFormat;
  readonly images: readonly string[];
}

export interface CheckArguments extends ConfigurationArguments {
  readonly output: CheckFormat;
  /** Files, folders, or `-` for standard input. */
  readonly files: readonly string[];
  readonly recursive: boolean;
  readonly quiet: boolean;
}

export type Arguments =
  | { readonly verb: 'help'; readonly text: string }
  | { readonly verb: 'version' }
  | { readonly verb: 'completion'; readonly script: string }
  | ({ readonly verb: 'inspect' } & InspectArguments)
  | ({ readonly verb: 'endpoints' } & EndpointsArguments)
  | ({ readonly verb: 'check' } & CheckArguments)
  | { readonly verb: 'serve'; readonly config: string | null };
