/** Interface to an API server with requests and watches. `client/client.ts` implements it. */

export interface ApiRequest {
  /** HTTP method; defaults to `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * Path, for example `/api/v1/namespaces/shop/pods`. `pathOf` in `resource.ts` has checked and encoded the
   * names in it.
   */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Content type of the body; defaults to `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /**
   * Time limit of the whole call; defaults to 10,000 ms. Watches do not use it, because the server ends them.
   */
  readonly timeoutMs?: number;
  /** Limit of the response, or of a line of a watch, in bytes; defaults to 8 MiB. */
  readonly maxBytes?: number;
  /**
   * Time without a byte after which a watch fails with `Timeout`. Without it, a dead connection goes
   * unnoticed.
   */
  readonly silenceMs?: number;
}

/**
 * Line of a watch. `object` is the changed object; a BOOKMARK has only its metadata, and an ERROR has a
 * `Status`.
 */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Readonly<Record<string, unknown>>;
}

export interface KubernetesApi {
  /** Sends a request and returns the response body as JSON. Rejects with `KubernetesError`. */
  request(request: ApiRequest): Promise<unknown>;
  /** Yields events until the server ends the watch; throws `KubernetesError`. */
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
  /** The server answered with status 410, or a list or watch failed with the reason `Expired`. */
  | 'Gone'
  | 'TooManyRequests'
  | 'Timeout'
  /** The caller's signal aborted. */
  | 'Aborted'
  /** There was no response: the connection was refused or reset, or TLS failed. */
  | 'Unreachable'
  /** The response is not JSON, or not the expected object. */
  | 'Malformed'
  /** The response is larger than `maxBytes`. */
  | 'TooLarge'
  /** No request was sent: the kubeconfig, the service account or a name in the path cannot be used. */
  | 'Unusable'
  | 'Server';

/**
 * Error of a failed request to the API server. Callers match on `code`. The message has method and path and
 * quotes the server's `Status.message`, cut to a limit.
 */
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
