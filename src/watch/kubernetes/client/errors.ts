/**
 * Conversion of failed requests to `KubernetesError`. A request fails with an error status or without a
 * response.
 */
import { fields, items, text } from '../../../util/unstructured.ts';
import { clean } from '../../../util/text/text.ts';
import { KubernetesError, type KubernetesErrorCode } from '../api.ts';

// Limit of `Retry-After`: a server or proxy may send any number, and no caller waits longer than this.
const maxRetryAfterMs = 300_000;

/**
 * Converts an error response. `status` is the parsed `Status` object of any shape; `retryAfter` is the
 * header's value.
 */
export function errorFromStatus(
  requestLine: string,
  code: number,
  status: unknown,
  retryAfter: string | null = null,
): KubernetesError {
  const { reason, message, details } = fields(status);
  const quoted = clean(text(message), 512);
  const seconds = retryAfterSeconds(retryAfter) ?? number(fields(details)['retryAfterSeconds']);
  return new KubernetesError(
    isTerminating(details) ? 'NamespaceTerminating' : codeOf(code, text(reason)),
    `${requestLine}: ${code}${quoted === '' ? '' : ` ${quoted}`}`,
    {
      status: code,
      ...(seconds === null ? {} : { retryAfterMs: Math.min(seconds * 1000, maxRetryAfterMs) }),
    },
  );
}

/** Converts the object of a watch's ERROR event. */
export function errorFromWatchEvent(requestLine: string, status: unknown): KubernetesError {
  return errorFromStatus(requestLine, number(fields(status)['code']) ?? 500, status);
}

/** Converts a missing or incomplete response. `signal` is the signal of the call. */
export function transportError(
  error: unknown,
  requestLine: string,
  signal: AbortSignal | undefined,
): KubernetesError {
  if (error instanceof KubernetesError) return error;
  if (signal?.aborted) return abortError(signal, requestLine);
  const code = transportCode(error);
  const create = (kind: KubernetesErrorCode, words: string) =>
    new KubernetesError(kind, `${requestLine}: ${words}`, { cause: error });
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return create('Timeout', 'no response in time');
    case 'UND_ERR_BODY_TIMEOUT':
      return create('Timeout', 'no data in the middle of the response');
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return create('Aborted', 'the client was closed');
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return create('Malformed', 'the response length does not match Content-Length');
    default:
      return code.startsWith('HPE_')
        ? create('Malformed', 'the response is not HTTP')
        : create('Unreachable', describe(error, code));
  }
}

/**
 * Returns true if the connection was closed under the request: the server may close an idle connection at
 * that very moment.
 */
export function isStaleConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(transportCode(error));
}

function abortError(signal: AbortSignal, requestLine: string): KubernetesError {
  return fields(signal.reason)['name'] === 'TimeoutError'
    ? new KubernetesError('Timeout', `${requestLine}: no complete response before the deadline`)
    : new KubernetesError('Aborted', `${requestLine}: cancelled`, { cause: signal.reason });
}

function isTerminating(details: unknown): boolean {
  return items(fields(details)['causes']).some((cause) => fields(cause)['reason'] === 'NamespaceTerminating');
}

function codeOf(status: number, reason: string): KubernetesErrorCode {
  switch (status) {
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
    case 410:
      return 'Gone';
    case 429:
      return 'TooManyRequests';
    case 408:
    case 504:
      return 'Timeout';
    default:
      if (reason === 'Expired' || reason === 'Gone') return 'Gone';
      return status >= 400 && status < 500 ? 'Invalid' : 'Server';
  }
}

function retryAfterSeconds(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** Returns the error code. It looks through at most two wrappers, which the connector may add. */
function transportCode(error: unknown): string {
  for (let each = error, depth = 0; depth < 3; each = fields(each)['cause'], depth++) {
    const { code, name } = fields(each);
    // On some paths the parser error of undici has no code, so its name is used.
    if (name === 'HTTPParserError') return 'HPE_';
    if (typeof code === 'string') return code;
  }
  return '';
}

function describe(error: unknown, code: string): string {
  const message = clean(text(fields(error)['message']));
  return message === '' ? code || 'the request failed' : message;
}
