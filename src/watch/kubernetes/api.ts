/** Interface to an API server: one request, one watch. `client/client.ts` implements it. */

export interface ApiRequest {
  /** Defaults to `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** For example `/api/v1/namespaces/shop/pods`. `pathOf` in `resource.ts` has checked and encoded the names in it. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Content type of the body; defaults to `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Limit for the whole call; defaults to 10,000 ms. Not used by watches: the server ends them. */
  readonly timeoutMs?: number;
  /** Largest response, or largest line of a watch; defaults to 8 MiB. */
  readonly maxBytes?: number;
  /** A watch fails with `Timeout` after this time without a byte. Without it, a dead connection goes unnoticed. */
  readonly silenceMs?: number;
}

/** One line of a watch. `object` is the changed object; a BOOKMARK has only its metadata, an ERROR has a `Status`. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Readonly<Record<string, unknown>>;
}

export interface KubernetesApi {
  /** Resolves to the response body as JSON. Rejects with `KubernetesError`. */
  request(request: ApiRequest): Promise<unknown>;
  /** Ends when the server ends the watch; throws `KubernetesError`. */
  watch(request: ApiRequest): AsyncIterable<WatchEvent>;
  close(): Promise<void>;
}

export type KubernetesErrorCode =
  | 'NotFound'
  | 'Conflict'
  | 'AlreadyExists'
  | 'Invalid'
  | 'Forbidden'
  /** The namespace is being deleted and takes no new objects. */
  | 'NamespaceTerminating'
  | 'Unauthorized'
  /** Status 410, or the `Expired` reason of a list or watch. */
  | 'Gone'
  | 'TooManyRequests'
  | 'Timeout'
  /** The caller's signal aborted. */
  | 'Aborted'
  /** No response: connection refused, connection reset, or TLS failure. */
  | 'Unreachable'
  /** The response is not JSON, or not the expected object. */
  | 'Malformed'
  /** The response is larger than `maxBytes`. */
  | 'TooLarge'
  /** No request was sent: the kubeconfig, the service account or a name in the path cannot be used. */
  | 'Unusable'
  | 'Server';

/** Failed request to the API server. Callers match on `code`. The message has method and path and quotes the server's `Status.message`, bounded. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly code: KubernetesErrorCode;
  /** HTTP status; null if there was no response. */
  readonly status: number | null;
  /** Value of `Retry-After`, clamped; null if the header was missing. */
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
