/** One watch, with or without a list before it in the same stream. Beginning it again is `reflector.ts`'s. */
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import { KubernetesError, type WatchEvent } from '../api.ts';
import { refusedEvent } from '../client/errors.ts';
import { pathOf } from '../resource.ts';
import type { ListWatch } from './list-watch.ts';

export interface WatchTimes {
  /** After so long without a byte the connection is taken for dead; bookmarks come once a minute. */
  readonly silenceMs: number;
  /** The same until a streaming list is complete. */
  readonly listSilenceMs: number;
  /** After so long the server is asked to end it. */
  readonly watchMs: number;
}

// etcd takes objects of 1.5 MiB, and Go writes a character such as "<" or a control as six: anybody who may make a pod can
// make a line of 9 MiB. One that is refused would end the watch for ever.
const maxLineBytes = 32 * 1024 * 1024;
// What ends sooner and says nothing is no watch: asking again at once would be a busy loop.
const shortestMs = 1_000;

/** Returns when the server ends the watch; throws `KubernetesError`. `version` null: the stream begins with a list. */
export async function follow(source: ListWatch, version: string | null, times: WatchTimes): Promise<void> {
  const path = pathOf(source.resource, { namespace: source.namespace });
  const begun = performance.now();
  const patience = new AbortController();
  const relist = version === null ? source.sink.relist() : null;
  let listing = relist !== null;
  let seen = 0;
  const stalled = (): void => patience.abort(new DOMException('the list stalled', 'TimeoutError'));
  const timer = listing ? setTimeout(stalled, times.listSilenceMs) : null;
  try {
    for await (const event of source.api.watch({
      path,
      query: { ...source.selectors, ...queryOf(version), timeoutSeconds: Math.ceil(times.watchMs / 1000) },
      signal: AbortSignal.any([source.signal, patience.signal]),
      silenceMs: times.silenceMs,
      maxBytes: maxLineBytes,
    })) {
      seen++;
      if (event.type === 'ERROR') throw refusedEvent(`GET ${path}`, event.object);
      if (!listing) {
        apply(source, event, path);
        continue;
      }
      timer?.refresh();
      // A server whose cache lags behind sends changes, too, before the list is whole.
      if (event.type === 'DELETED') source.sink.remove(event.object);
      else if (event.type !== 'BOOKMARK') relist?.put(event.object);
      else if (endsList(event.object)) {
        listing = false;
        if (timer) clearTimeout(timer);
        relist?.done();
        source.listed(versionOf(event.object, path));
      }
    }
  } finally {
    if (timer) clearTimeout(timer);
  }
  if (listing) throw new KubernetesError('Malformed', `GET ${path}: a streamed list without an end`);
  if (seen === 0 && performance.now() - begun < shortestMs)
    throw new KubernetesError('Unreachable', `GET ${path}: the watch ended as soon as it began`);
}

function apply(source: ListWatch, { type, object }: WatchEvent, path: string): void {
  if (type === 'DELETED') source.sink.remove(object);
  else if (type !== 'BOOKMARK') source.sink.put(object);
  source.reached(versionOf(object, path));
}

function queryOf(version: string | null): Record<string, string | boolean> {
  const query = { watch: true, allowWatchBookmarks: true };
  return version === null
    ? { ...query, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
    : { ...query, resourceVersion: version };
}

function endsList(object: Fields): boolean {
  const annotations = fields(fields(object['metadata'])['annotations']);
  return annotations['k8s.io/initial-events-end'] === 'true';
}

function versionOf(object: Fields, path: string): string {
  const version = text(fields(object['metadata'])['resourceVersion']);
  if (version === '') throw new KubernetesError('Malformed', `GET ${path}: an event without a version`);
  return version;
}
