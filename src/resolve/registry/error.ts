/** The one error of the registry client. Match on `code`, never on the text. */

/** What an endpoint can be blamed for; the endpoint results of the command line's JSON that are failures. */
export type EndpointFailure = 'not-found' | 'denied' | 'unavailable' | 'tls' | 'rate-limited' | 'malformed';

export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: EndpointFailure;
  /** PascalCase detail, `Expired`, `DigestMismatch`, `TooLarge`, `Timeout`, `ConnectionRefused`…; null when the code says all. */
  readonly reason: string | null;
  /** HTTP status that led to it, null when none came. */
  readonly status: number | null;
  /** From `Retry-After`, clamped; null when absent or garbage. */
  readonly retryAfterMs: number | null;
  constructor(
    code: EndpointFailure,
    message: string,
    detail: {
      reason?: string | null;
      status?: number | null;
      retryAfterMs?: number | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.reason = detail.reason ?? null;
    this.status = detail.status ?? null;
    this.retryAfterMs = detail.retryAfterMs ?? null;
  }
}
