/** What the rooms of `watch` ask of an API server: one call, one stream of changes. The connection itself is `client.ts`. */

export interface ApiRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/namespaces/shop/pods`; names in it are already checked or encoded (`resource.ts`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Of the body; default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** For the whole call, milliseconds; default 10,000. A watch has none of its own: the server ends it. */
  readonly timeoutMs?: number;
  /** Of the answer, or of one line of a watch; default 8 MiB. */
  readonly maxBytes?: number;
  /** Of a watch: it fails with `Timeout` when nothing came for so long; without it a dead connection goes unnoticed. */
  readonly silenceMs?: number;
}

/** One line of a watch. `object` is the changed object, of a BOOKMARK only its metadata, of an ERROR a `Status`. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Readonly<Record<string, unknown>>;
}

export interface KubernetesApi {
  /** The body as JSON. Rejects with `KubernetesError`. */
  request(request: ApiRequest): Promise<unknown>;
  /** Ends when the server ends it; throws `KubernetesError`. */
  watch(request: ApiRequest): AsyncIterable<WatchEvent>;
  close(): Promise<void>;
}

export type KubernetesErrorCode =
  | 'NotFound'
  | 'Conflict'
  | 'AlreadyExists'
  | 'Invalid'
  | 'Forbidden'
  /** Nothing is made any more in a namespace on its way out. */
  | 'NamespaceTerminating'
  | 'Unauthorized'
  /** 410, and the `Expired` reason of a list or watch. */
  | 'Gone'
  | 'TooManyRequests'
  | 'Timeout'
  /** The caller's signal. */
  | 'Aborted'
  /** No answer at all: refused, reset, TLS. */
  | 'Unreachable'
  /** An answer that is no JSON or no such object. */
  | 'Malformed'
  /** An answer of more than `maxBytes`. */
  | 'TooLarge'
  /** Nothing was asked: the kubeconfig, the service account or a name in the path cannot be used. */
  | 'Unusable'
  | 'Server';

/** Match on `code`. The message names method and path and quotes the server's `Status.message`, bounded. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly code: KubernetesErrorCode;
  /** null without an answer. */
  readonly status: number | null;
  /** Of `Retry-After`, clamped; null without one. */
  readonly retryAfterMs: number | null;
  constructor(
    code: KubernetesErrorCode,
    message: string,
    details: { readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
