/** Why containerd refuses a `hosts.toml` as a whole and goes on as if it were not there. Becomes a warning of the same code. */

export type HostsFileErrorCode = 'HostsFileIgnored' | 'UnknownCapability' | 'ServerOnlyFileIgnored';

export class HostsFileError extends Error {
  override readonly name = 'HostsFileError';
  readonly code: HostsFileErrorCode;
  /** Line of the statement to blame, null for the file. */
  readonly line: number | null;
  constructor(code: HostsFileErrorCode, message: string, line: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.line = line;
  }
}
