/** Client for requests and watches over shared connections. It is generic over the kinds of objects and retries only a request that was lost with a stale connection. */
import { deadlineIn } from '../../../util/async/deadline.ts';
import { clean } from '../../../util/text/text.ts';
import { type RestConfigOptions, createRestConfigSource } from './rest-config.ts';
import { type ApiResponse, maxBytesOf, readJson, readWatchEvents } from './response.ts';
import type { ApiRequest, KubernetesApi } from '../api.ts';
import { requestInfo } from './request-info.ts';
import { createConnections, type Pools } from './connections.ts';
import { transportError, isStaleConnection } from './errors.ts';

export interface ApiObserver {
  /**
   * Called for each request with its status; null if there was no response. A watch is reported when it
   * begins.
   */
  requested(verb: string, resource: string, status: number | null): void;
}

export interface ConnectOptions extends RestConfigOptions {
  readonly userAgent: string;
  readonly observer?: ApiObserver;
}

export interface Connection extends KubernetesApi {
  /**
   * Returns the namespace of the service account or of the kubeconfig's context; null if neither names one.
   * Throws `KubernetesError`.
   */
  namespace(): Promise<string | null>;
}

const defaultTimeoutMs = 10_000;

/** Creates a client. It reads no file and opens no connection before the first request. */
export function connect(options: ConnectOptions): Connection {
  const configSource = createRestConfigSource(options);
  const connections = createConnections();

  const sendOnce = async (
    request: ApiRequest,
    kind: keyof Pools,
    signal: AbortSignal | undefined,
  ): Promise<ApiResponse> => {
    const config = await configSource.load();
    const { method = 'GET', body } = request;
    const response = await connections.for(config)[kind].request({
      origin: config.server.origin,
      path: `${config.server.pathname.replace(/\/$/, '')}${request.path}${queryString(request)}`,
      method,
      headers: {
        ...config.headers,
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: request.timeoutMs ?? defaultTimeoutMs,
      bodyTimeout: request.silenceMs ?? 0,
      signal: signal ?? null,
    });
    if (response.statusCode === 401) configSource.invalidate();
    return response;
  };

  const send = async (
    request: ApiRequest,
    kind: keyof Pools,
    signal: AbortSignal | undefined,
  ): Promise<ApiResponse> => {
    const { verb, resource } = requestInfo(request, kind === 'watches');
    try {
      const response = await rejectOnAbort(signal, () =>
        sendOnce(request, kind, signal).catch((error: unknown) => {
          // A POST is not repeated: it may have created the object, and only the caller knows what a second
          // one would do.
          if (request.method === 'POST' || !isStaleConnection(error) || signal?.aborted) throw error;
          return sendOnce(request, kind, signal);
        }),
      );
      // An error event without a listener would end the process; the reader of the body gets the error as well.
      response.body.on('error', () => {});
      options.observer?.requested(verb, resource, response.statusCode);
      return response;
    } catch (error) {
      const failure = transportError(error, requestLine(request), signal);
      if (failure.code !== 'Unusable') options.observer?.requested(verb, resource, null);
      throw failure;
    }
  };

  return {
    async request(request) {
      const { signal } = deadlineIn(request.timeoutMs ?? defaultTimeoutMs, request.signal);
      const response = await send(request, 'calls', signal);
      return readJson(response, { requestLine: requestLine(request), maxBytes: maxBytesOf(request), signal });
    },
    async *watch(request) {
      const response = await send(request, 'watches', request.signal);
      yield* readWatchEvents(response, {
        requestLine: requestLine(request),
        maxBytes: maxBytesOf(request),
        signal: request.signal,
      });
    },
    namespace: () => configSource.namespace(),
    close: () => connections.close(),
  };
}

/**
 * Rejects as soon as `signal` aborts. undici notices an abort only after it has connected, so a host that
 * drops packets would take its whole connect timeout.
 */
async function rejectOnAbort<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason as Error);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function queryString({ query = {} }: ApiRequest): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(set)).toString()}`;
}

function requestLine({ method = 'GET', path }: ApiRequest): string {
  return `${method} ${clean(path)}`;
}
