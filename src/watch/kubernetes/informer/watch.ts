/** One watch, optionally with a streaming list before it. `reflector.ts` restarts it. */
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import { KubernetesError, type WatchEvent } from '../api.ts';
import { errorFromWatchEvent } from '../client/errors.ts';
import { pathOf } from '../resource.ts';
import type { ListWatch } from './list-watch.ts';

export interface WatchTimes {
  /**
   * Time without a byte after which the connection counts as dead; the server sends bookmarks once a minute.
   */
  readonly silenceMs: number;
  /** Same limit while the streaming list is incomplete. */
  readonly listSilenceMs: number;
  /** Time after which the server is asked to end the watch. */
  readonly watchMs: number;
}

// Limit of a line in bytes. etcd stores objects of 1.5 MiB, and Go's JSON encoder writes "<" or a control
// character as six bytes, so any author of a pod can cause a line of 9 MiB. If it were rejected, the watch
// would never recover.
const maxLineBytes = 32 * 1024 * 1024;
// Shortest duration of a watch. If it ends sooner without an event, that is a failure: restarting it at once
// would be a busy loop.
const minWatchMs = 1_000;

/**
 * Reads the watch until the server ends it; throws `KubernetesError`. With `version` null the stream begins
 * with a list.
 */
export async function watch(listWatch: ListWatch, version: string | null, times: WatchTimes): Promise<void> {
  const path = pathOf(listWatch.resource, { namespace: listWatch.namespace });
  const startedAt = performance.now();
  const listTimeout = new AbortController();
  const relist = version === null ? listWatch.sink.relist() : null;
  let isListing = relist !== null;
  let seen = 0;
  const abortStalled = (): void => listTimeout.abort(new DOMException('the list stalled', 'TimeoutError'));
  const timer = isListing ? setTimeout(abortStalled, times.listSilenceMs) : null;
  try {
    for await (const event of listWatch.api.watch({
      path,
      query: {
        ...listWatch.selectors,
        ...watchQuery(version),
        timeoutSeconds: Math.ceil(times.watchMs / 1000),
      },
      signal: AbortSignal.any([listWatch.signal, listTimeout.signal]),
      silenceMs: times.silenceMs,
      maxBytes: maxLineBytes,
    })) {
      seen++;
      if (event.type === 'ERROR') throw errorFromWatchEvent(`GET ${path}`, event.object);
      if (!isListing) {
        applyEvent(listWatch, event, path);
        continue;
      }
      timer?.refresh();
      // A server whose cache is not up to date may send changes before the list is complete.
      if (event.type === 'DELETED') listWatch.sink.remove(event.object);
      else if (event.type !== 'BOOKMARK') relist?.put(event.object);
      else if (isEndOfList(event.object)) {
        isListing = false;
        if (timer) clearTimeout(timer);
        relist?.done();
        listWatch.onListed(resourceVersionOf(event.object, path));
      }
    }
  } finally {
    if (timer) clearTimeout(timer);
  }
  if (isListing)
    throw new KubernetesError('Malformed', `GET ${path}: the streamed list ended before its last event`);
  if (seen === 0 && performance.now() - startedAt < minWatchMs)
    throw new KubernetesError('Unreachable', `GET ${path}: the watch ended as soon as it began`);
}

function applyEvent(listWatch: ListWatch, { type, object }: WatchEvent, path: string): void {
  if (type === 'DELETED') listWatch.sink.remove(object);
  else if (type !== 'BOOKMARK') listWatch.sink.put(object);
  listWatch.onVersion(resourceVersionOf(object, path));
}

function watchQuery(version: string | null): Record<string, string | boolean> {
  const query = { watch: true, allowWatchBookmarks: true };
  return version === null
    ? { ...query, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
    : { ...query, resourceVersion: version };
}

function isEndOfList(object: Fields): boolean {
  const annotations = fields(fields(object['metadata'])['annotations']);
  return annotations['k8s.io/initial-events-end'] === 'true';
}

function resourceVersionOf(object: Fields, path: string): string {
  const version = text(fields(object['metadata'])['resourceVersion']);
  if (version === '')
    throw new KubernetesError('Malformed', `GET ${path}: an event without a resourceVersion`);
  return version;
}
