/** Calls and watches over shared connections. It knows no kinds of objects, and repeats nothing but a request lost with a stale connection. */
import { deadlineIn } from '../../../util/async/deadline.ts';
import { clean } from '../../../util/text/text.ts';
import { type AccessOptions, accessSource } from './auth.ts';
import { type ApiResponse, maxBytesOf, readAnswer, readEvents } from './response.ts';
import type { ApiRequest, KubernetesApi } from '../api.ts';
import { attributesOf } from './request-info.ts';
import { createConnections, type Pools } from './connections.ts';
import { noAnswer, wasStale } from './errors.ts';

export interface ApiObserver {
  /** `status` is null where no answer came. A watch is told of when it begins. */
  requested(verb: string, resource: string, status: number | null): void;
}

export interface ConnectOptions extends AccessOptions {
  readonly userAgent: string;
  readonly observer?: ApiObserver;
}

export interface Connection extends KubernetesApi {
  /** Of the pod's service account, or of the kubeconfig's context; null: none is named. Throws `KubernetesError`. */
  namespace(): Promise<string | null>;
}

const defaultTimeoutMs = 10_000;

/** Nothing is read or connected before the first request. */
export function connect(options: ConnectOptions): Connection {
  const source = accessSource(options);
  const connections = createConnections();

  const once = async (
    request: ApiRequest,
    kind: keyof Pools,
    signal: AbortSignal | undefined,
  ): Promise<ApiResponse> => {
    const access = await source.access();
    const { method = 'GET', body } = request;
    const answer = await connections.for(access)[kind].request({
      origin: access.server.origin,
      path: `${access.server.pathname.replace(/\/$/, '')}${request.path}${queryOf(request)}`,
      method,
      headers: {
        ...access.headers,
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: request.timeoutMs ?? defaultTimeoutMs,
      bodyTimeout: request.silenceMs ?? 0,
      signal: signal ?? null,
    });
    if (answer.statusCode === 401) source.refused();
    return answer;
  };

  const send = async (
    request: ApiRequest,
    kind: keyof Pools,
    signal: AbortSignal | undefined,
  ): Promise<ApiResponse> => {
    const { verb, resource } = attributesOf(request, kind === 'watches');
    try {
      const answer = await until(signal, () =>
        once(request, kind, signal).catch((error: unknown) => {
          // What was created may have been created: only the caller can know what a second time means.
          if (request.method === 'POST' || !wasStale(error) || signal?.aborted) throw error;
          return once(request, kind, signal);
        }),
      );
      // A body that is destroyed unread must not throw; who reads it hears of the error as well.
      answer.body.on('error', () => {});
      options.observer?.requested(verb, resource, answer.statusCode);
      return answer;
    } catch (error) {
      const failure = noAnswer(error, whereOf(request), signal);
      if (failure.code !== 'Unusable') options.observer?.requested(verb, resource, null);
      throw failure;
    }
  };

  return {
    async request(request) {
      const { signal } = deadlineIn(request.timeoutMs ?? defaultTimeoutMs, request.signal);
      const answer = await send(request, 'calls', signal);
      return readAnswer(answer, { where: whereOf(request), maxBytes: maxBytesOf(request), signal });
    },
    async *watch(request) {
      const answer = await send(request, 'watches', request.signal);
      yield* readEvents(answer, {
        where: whereOf(request),
        maxBytes: maxBytesOf(request),
        signal: request.signal,
      });
    },
    namespace: () => source.namespace(),
    close: () => connections.close(),
  };
}

/** undici hears of an abort only once there is a connection: a host that drops packets would cost its whole connect timeout. */
async function until<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal?.reason as Error);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

function queryOf({ query = {} }: ApiRequest): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(set)).toString()}`;
}

function whereOf({ method = 'GET', path }: ApiRequest): string {
  return `${method} ${clean(path)}`;
}
