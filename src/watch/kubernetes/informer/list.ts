/** Paginated list, for API servers that cannot stream lists. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fields, isObject, items, text } from '../../../util/unstructured.ts';
import { KubernetesError } from '../api.ts';
import { pathOf } from '../resource.ts';
import type { ListWatch } from './list-watch.ts';

// Limit of a page in bytes, with room for sixteen objects of the largest size that etcd stores by default.
const maxPageBytes = 64 * 1024 * 1024;
const pageTimeoutMs = 60_000;
// Limit of pages, enough for fifty million pods. It protects against a server that never ends its list.
const maxPages = 100_000;
// Limit of tries for one page, which is the same as in client-go.
const maxTries = 10;
const defaultRetryMs = 1_000;

/** Reads all pages into the cache. Throws `KubernetesError`; `Gone` when the list expired before its last page. */
export async function listInPages(listWatch: ListWatch, pageSize: number): Promise<void> {
  const path = pathOf(listWatch.resource, { namespace: listWatch.namespace });
  const relist = listWatch.sink.relist();
  let limit = pageSize;
  let continueToken = '';
  let version = '';
  for (let page = 0; page < maxPages; page++) {
    const response = await retryWhileBusy(listWatch.signal, () =>
      fetchPage(listWatch, path, limit, continueToken),
    );
    if (response === 'too large') {
      limit = Math.ceil(limit / 8);
      continue;
    }
    for (const item of items(response['items'])) if (isObject(item)) relist.put(item);
    const metadata = fields(response['metadata']);
    // All pages have the resourceVersion of the first one.
    version ||= text(metadata['resourceVersion']);
    continueToken = text(metadata['continue']);
    if (continueToken !== '') continue;
    if (version === '') throw new KubernetesError('Malformed', `GET ${path}: a list without a version`);
    relist.done();
    return listWatch.onListed(version);
  }
  throw new KubernetesError('Malformed', `GET ${path}: a list of more than ${maxPages} pages`);
}

/**
 * Requests the same page again while the server is overloaded, because starting again would cost it all
 * previous pages.
 */
async function retryWhileBusy<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      const isBusy = error instanceof KubernetesError && error.code === 'TooManyRequests';
      if (!isBusy || tries === maxTries) throw error;
      await sleep(error.retryAfterMs ?? defaultRetryMs, undefined, { signal }).catch(() => {});
    }
  }
}

async function fetchPage(
  { api, selectors, signal }: ListWatch,
  path: string,
  limit: number,
  continueToken: string,
): Promise<Readonly<Record<string, unknown>> | 'too large'> {
  try {
    const query = { ...selectors, limit, continue: continueToken === '' ? undefined : continueToken };
    const response = await api.request({
      path,
      query,
      signal,
      timeoutMs: pageTimeoutMs,
      maxBytes: maxPageBytes,
    });
    return fields(response);
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'TooLarge' && limit > 1) return 'too large';
    throw error;
  }
}
