/** What went wrong with a call, as `KubernetesError`: an answer that is none of success, or no answer. Not for what to do about it. */
import { fields, items, text } from '../../../util/unstructured.ts';
import { clean } from '../../../util/text/text.ts';
import { KubernetesError, type KubernetesErrorCode } from '../api.ts';

// Nobody waits longer than this because a header says so.
const longestRetryAfterMs = 300_000;

/** `status` is a `Status` object, of whatever form. `retryAfter` is the header's. */
export function refusal(
  where: string,
  code: number,
  status: unknown,
  retryAfter: string | null = null,
): KubernetesError {
  const { reason, message, details } = fields(status);
  const quoted = clean(text(message), 512);
  const seconds = retryAfterSeconds(retryAfter) ?? number(fields(details)['retryAfterSeconds']);
  return new KubernetesError(
    isTerminating(details) ? 'NamespaceTerminating' : codeOf(code, text(reason)),
    `${where}: ${code}${quoted === '' ? '' : ` ${quoted}`}`,
    {
      status: code,
      ...(seconds === null ? {} : { retryAfterMs: Math.min(seconds * 1000, longestRetryAfterMs) }),
    },
  );
}

/** The object of a watch's ERROR event. */
export function refusedEvent(where: string, status: unknown): KubernetesError {
  return refusal(where, number(fields(status)['code']) ?? 500, status);
}

/** No answer, or half of one. `signal` is the call's own. */
export function noAnswer(error: unknown, where: string, signal: AbortSignal | undefined): KubernetesError {
  if (error instanceof KubernetesError) return error;
  if (signal?.aborted) return ended(signal, where);
  const code = transportCode(error);
  const make = (kind: KubernetesErrorCode, words: string) =>
    new KubernetesError(kind, `${where}: ${words}`, { cause: error });
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return make('Timeout', 'no answer in time');
    case 'UND_ERR_BODY_TIMEOUT':
      return make('Timeout', 'silence in the middle of the answer');
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return make('Aborted', 'the client was closed');
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return make('Malformed', 'the answer is not as long as it says');
    default:
      return code.startsWith('HPE_')
        ? make('Malformed', 'the answer is no HTTP')
        : make('Unreachable', detail(error, code));
  }
}

/** Did the connection go away under the request? A kept one may have been closed by the server in the same moment. */
export function wasStale(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(transportCode(error));
}

function ended(signal: AbortSignal, where: string): KubernetesError {
  return fields(signal.reason)['name'] === 'TimeoutError'
    ? new KubernetesError('Timeout', `${where}: no complete answer in the time given`)
    : new KubernetesError('Aborted', `${where}: cancelled`, { cause: signal.reason });
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

/** An error of the connector may be wrapped once or twice on its way. */
function transportCode(error: unknown): string {
  for (let each = error, depth = 0; depth < 3; each = fields(each)['cause'], depth++) {
    const { code, name } = fields(each);
    // undici's parser error has lost its code on some paths.
    if (name === 'HTTPParserError') return 'HPE_';
    if (typeof code === 'string') return code;
  }
  return '';
}

function detail(error: unknown, code: string): string {
  const message = clean(text(fields(error)['message']));
  return message === '' ? code || 'the request failed' : message;
}
