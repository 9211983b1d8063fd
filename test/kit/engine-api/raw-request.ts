/** One HTTP request with its path exactly as written, over a unix socket or TCP. */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request as send } from 'node:http';

export interface RawRequest {
  readonly method?: string;
  /** Path and query as they stand in the request line. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type RawAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export function rawRequest(to: RawAddress, { method = 'GET', path, headers = {}, signal }: RawRequest) {
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
  const options = { ...to, method, path, headers, agent: false, ...(signal ? { signal } : {}) };
  const outgoing = send(options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}
