/** Error of the registry client. Callers compare `code`, never the text. */

/** Failure class of an endpoint, as in the command line's JSON. */
export type EndpointFailure = 'not-found' | 'denied' | 'unavailable' | 'tls' | 'rate-limited' | 'malformed';

export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: EndpointFailure;
  /** PascalCase detail, `Expired`, `DigestMismatch`, `TooLarge`, `Timeout`, `ConnectionRefused`…; null if the code alone is sufficient. */
  readonly reason: string | null;
  /** HTTP status that caused the error; null if there was no response. */
  readonly status: number | null;
  /** Clamped value of `Retry-After`; null if absent or invalid. */
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

  /** Returns the same error with another message and without the cause, whose text may come from a server. */
  withMessage(message: string): RegistryError {
    const { code, reason, status, retryAfterMs } = this;
    return new RegistryError(code, message, { reason, status, retryAfterMs });
  }
}
