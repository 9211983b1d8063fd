/** HTTP response whose body has not been read yet. */
import type { Dispatcher } from 'undici';

export interface Reply {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  /** The body, which the caller must read or destroy. */
  readonly body: Dispatcher.ResponseData['body'];
  /** Method and last URL without query and credentials, for messages. */
  readonly where: string;
  /** True if the request was redirected to another origin, so that the response is not authenticated. */
  readonly foreign: boolean;
}

/** Returns the first value of a header; `name` must be in lower case. */
export function header(reply: Reply, name: string): string | null {
  const value = reply.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Returns `Content-Length`; null if absent or invalid. */
export function contentLength(reply: Reply): number | null {
  const value = header(reply, 'content-length');
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
