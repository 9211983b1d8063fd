/** A full list page by page, for servers that cannot stream one. Not for the changes that come after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fields, isObject, items, text } from '../../../util/unstructured.ts';
import { KubernetesError } from '../api.ts';
import { pathOf } from '../resource.ts';
import type { ListWatch } from './list-watch.ts';

// Sixteen of the largest objects that etcd takes by default, and their names for things.
const maxPageBytes = 64 * 1024 * 1024;
const pageTimeoutMs = 60_000;
// Fifty million pods: a server that does not end is no server.
const maxPages = 100_000;
// As client-go does.
const maxTries = 10;
const busyMs = 1_000;

/** Throws `KubernetesError`; `Gone` when the list expired before its last page. */
export async function listPages(source: ListWatch, pageSize: number): Promise<void> {
  const path = pathOf(source.resource, { namespace: source.namespace });
  const relist = source.sink.relist();
  let limit = pageSize;
  let token = '';
  let version = '';
  for (let page = 0; page < maxPages; page++) {
    const answer = await whenFree(source.signal, () => pageOf(source, path, limit, token));
    if (answer === 'too large') {
      limit = Math.ceil(limit / 8);
      continue;
    }
    for (const item of items(answer['items'])) if (isObject(item)) relist.put(item);
    const metadata = fields(answer['metadata']);
    // All pages show the state of the first.
    version ||= text(metadata['resourceVersion']);
    token = text(metadata['continue']);
    if (token !== '') continue;
    if (version === '') throw new KubernetesError('Malformed', `GET ${path}: a list without a version`);
    relist.done();
    return source.listed(version);
  }
  throw new KubernetesError('Malformed', `GET ${path}: a list of more than ${maxPages} pages`);
}

/** A server that has too much to do is asked for the same page again: to begin anew would cost it all those before. */
async function whenFree<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const isBusy = error instanceof KubernetesError && error.code === 'TooManyRequests';
      if (!isBusy || tries === maxTries) throw error;
      await sleep(error.retryAfterMs ?? busyMs, undefined, { signal }).catch(() => {});
    }
  }
}

async function pageOf(
  { api, selectors, signal }: ListWatch,
  path: string,
  limit: number,
  token: string,
): Promise<Readonly<Record<string, unknown>> | 'too large'> {
  try {
    const query = { ...selectors, limit, continue: token === '' ? undefined : token };
    const answer = await api.request({
      path,
      query,
      signal,
      timeoutMs: pageTimeoutMs,
      maxBytes: maxPageBytes,
    });
    return fields(answer);
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'TooLarge' && limit > 1) return 'too large';
    throw error;
  }
}
