/** One HTTP request with its path exactly as written, over a unix socket or TCP. */
import { type OutgoingHttpHeaders, request } from 'node:http';
import { responseOf } from '../pratique/response-of.ts';

export interface RawRequest {
  readonly method?: string;
  /** Path and query as they stand in the request line. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

export type RawAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export function rawRequest(to: RawAddress, { method = 'GET', path, headers = {}, signal }: RawRequest) {
  const outgoing = request({ ...to, method, path, headers, agent: false, ...(signal ? { signal } : {}) });
  outgoing.end();
  return responseOf(outgoing);
}
