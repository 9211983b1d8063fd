/** An HTTP answer whose body has not been read yet. */
import type { Dispatcher } from 'undici';

export interface Reply {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  /** Must be read or destroyed. */
  readonly body: Dispatcher.ResponseData['body'];
  /** Method and last URL without query and credentials, for messages. */
  readonly where: string;
  /** The request was redirected to another origin: what it says is not authenticated. */
  readonly foreign: boolean;
}

/** The first value of a header; its name in lower case. */
export function header(reply: Reply, name: string): string | null {
  const value = reply.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** `Content-Length`; null when there is none or it makes no sense. */
export function contentLength(reply: Reply): number | null {
  const value = header(reply, 'content-length');
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
