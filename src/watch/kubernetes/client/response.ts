/** Reader of responses with bounded size: JSON, lines of a watch, or an error status. */
import { setImmediate } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { fields, isObject, text } from '../../../util/unstructured.ts';
import { type ApiRequest, KubernetesError, type WatchEvent } from '../api.ts';
import { transportError, errorFromStatus } from './errors.ts';
import { splitLines } from './lines.ts';

export type ApiResponse = Dispatcher.ResponseData;

/** Request that a response belongs to. */
export interface RequestContext {
  /** Method and path, for messages. */
  readonly requestLine: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

// Default limit in bytes: etcd stores objects of up to 1.5 MiB, and JSON may be several times as long.
const defaultMaxBytes = 8 * 1024 * 1024;
// Limit of a `Status` object in bytes, which is short.
const maxStatusBytes = 64 * 1024;

export function maxBytesOf(request: ApiRequest): number {
  return request.maxBytes ?? defaultMaxBytes;
}

/** Reads the body of a successful response as JSON; throws `KubernetesError` for any other response. */
export async function readJson(response: ApiResponse, context: RequestContext): Promise<unknown> {
  if (!isSuccess(response)) throw await errorFromResponse(response, context);
  try {
    const bytes = await readBounded(response.body, context.maxBytes);
    if (bytes) return parseJson(bytes.toString('utf8'), context);
  } catch (error) {
    throw transportError(error, context.requestLine, context.signal);
  }
  throw new KubernetesError(
    'TooLarge',
    `${context.requestLine}: a response of more than ${context.maxBytes} bytes`,
    {
      status: response.statusCode,
    },
  );
}

/** Yields the events of a watch as they arrive. Leaving the loop early closes the connection. */
export async function* readWatchEvents(
  response: ApiResponse,
  context: RequestContext,
): AsyncGenerator<WatchEvent, void, void> {
  if (!isSuccess(response)) throw await errorFromResponse(response, context);
  try {
    for await (const line of splitLines(response.body, context.maxBytes, context.requestLine))
      if (line.trim() !== '') yield parseWatchEvent(line, context);
  } catch (error) {
    throw transportError(error, context.requestLine, context.signal);
  } finally {
    response.body.destroy();
  }
}

function isSuccess({ statusCode }: ApiResponse): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function errorFromResponse(
  response: ApiResponse,
  { requestLine }: RequestContext,
): Promise<KubernetesError> {
  const retryAfter = response.headers['retry-after'];
  let status: unknown = null;
  try {
    status = JSON.parse((await readBounded(response.body, maxStatusBytes))?.toString('utf8') ?? 'null');
  } catch {
    // The body may be a proxy's HTML page, or the connection may have broken; the status code is sufficient.
  }
  return errorFromStatus(
    requestLine,
    response.statusCode,
    status,
    typeof retryAfter === 'string' ? retryAfter : null,
  );
}

/** Reads at most `max` bytes; null if there are more. Leaving the loop early destroys the body. */
async function readBounded(body: AsyncIterable<Buffer>, max: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > max) return null;
    chunks.push(chunk);
  }
  // undici releases the connection in the next turn of the event loop; a caller that sends a request at once
  // would open another one.
  await setImmediate();
  return Buffer.concat(chunks, size);
}

const eventTypes: ReadonlySet<string> = new Set<WatchEvent['type']>([
  'ADDED',
  'MODIFIED',
  'DELETED',
  'BOOKMARK',
  'ERROR',
]);

function parseWatchEvent(line: string, context: RequestContext): WatchEvent {
  const { type, object } = fields(parseJson(line, context));
  if (!eventTypes.has(text(type)) || !isObject(object))
    throw new KubernetesError('Malformed', `${context.requestLine}: a line that is not a watch event`);
  return { type: type as WatchEvent['type'], object };
}

function parseJson(json: string, { requestLine }: RequestContext): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new KubernetesError('Malformed', `${requestLine}: the response is not JSON`, { cause });
  }
}
