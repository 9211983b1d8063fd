/** What the API server answered, read to a bound: JSON, the lines of a watch, or a refusal. Not for sending anything. */
import { setImmediate } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { fields, isObject, text } from '../../../util/unstructured.ts';
import { type ApiRequest, KubernetesError, type WatchEvent } from '../api.ts';
import { noAnswer, refusal } from './errors.ts';
import { lines } from './lines.ts';

export type ApiResponse = Dispatcher.ResponseData;

/** Of the request that it answers. */
export interface RequestContext {
  /** Method and path, for messages. */
  readonly where: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

// etcd keeps objects of up to 1.5 MiB; JSON may write them several times as long.
const defaultMaxBytes = 8 * 1024 * 1024;
// A Status is short.
const maxRefusalBytes = 64 * 1024;

export function maxBytesOf(request: ApiRequest): number {
  return request.maxBytes ?? defaultMaxBytes;
}

/** The body of a success as JSON; throws `KubernetesError` for everything else. */
export async function readAnswer(answer: ApiResponse, asked: RequestContext): Promise<unknown> {
  if (!isSuccess(answer)) throw await refused(answer, asked);
  try {
    const bytes = await upTo(answer.body, asked.maxBytes);
    if (bytes) return parse(bytes.toString('utf8'), asked);
  } catch (error) {
    throw noAnswer(error, asked.where, asked.signal);
  }
  throw new KubernetesError('TooLarge', `${asked.where}: an answer of more than ${asked.maxBytes} bytes`, {
    status: answer.statusCode,
  });
}

/** The events of a watch as they come. Leaving it early ends the connection. */
export async function* readEvents(
  answer: ApiResponse,
  asked: RequestContext,
): AsyncGenerator<WatchEvent, void, void> {
  if (!isSuccess(answer)) throw await refused(answer, asked);
  try {
    for await (const line of lines(answer.body, asked.maxBytes, asked.where))
      if (line.trim() !== '') yield eventOf(line, asked);
  } catch (error) {
    throw noAnswer(error, asked.where, asked.signal);
  } finally {
    answer.body.destroy();
  }
}

function isSuccess({ statusCode }: ApiResponse): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function refused(answer: ApiResponse, { where }: RequestContext): Promise<KubernetesError> {
  const retryAfter = answer.headers['retry-after'];
  let status: unknown = null;
  try {
    status = JSON.parse((await upTo(answer.body, maxRefusalBytes))?.toString('utf8') ?? 'null');
  } catch {
    // A proxy's page, or the connection broke: the code says enough.
  }
  return refusal(where, answer.statusCode, status, typeof retryAfter === 'string' ? retryAfter : null);
}

/** null: there is more. Leaving the loop early destroys the body. */
async function upTo(body: AsyncIterable<Buffer>, max: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > max) return null;
    chunks.push(chunk);
  }
  // undici frees the connection in the next turn; whoever asks on at once would open another one.
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

function eventOf(line: string, asked: RequestContext): WatchEvent {
  const { type, object } = fields(parse(line, asked));
  if (!eventTypes.has(text(type)) || !isObject(object))
    throw new KubernetesError('Malformed', `${asked.where}: a line that is no event`);
  return { type: type as WatchEvent['type'], object };
}

function parse(json: string, { where }: RequestContext): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new KubernetesError('Malformed', `${where}: the answer is no JSON`, { cause });
  }
}
