/** Writes Events about objects, for `kubectl describe`: few, counted, and never at anybody's cost. Whether something deserves one is the caller's. */
import { LRUCache } from 'lru-cache';
import { fields } from '../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from './api.ts';
import { fieldManager } from './writes.ts';
import {
  eventObject,
  nameOf,
  namespaceOf,
  type Occurrence,
  seenAgain,
  type Sightings,
} from './event-object.ts';
import { events, pathOf } from './resource.ts';
import { type BucketSize, TokenBucket } from '../../util/async/token-bucket.ts';

export interface EventsObserver {
  written(occurrence: Occurrence): void;
  /** Not written: too many of the object, or too many at once. */
  dropped(occurrence: Occurrence): void;
  failed(occurrence: Occurrence, error: unknown): void;
}

export interface EventsOptions {
  readonly api: KubernetesApi;
  /** The replica, as `reportingInstance`. */
  readonly instance: string;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  readonly observer?: EventsObserver;
  /** The same is written again no sooner than this; default ten minutes. */
  readonly quietMs?: number;
  /** Writes of one object; default as client-go's: 25, then one in five minutes. */
  readonly bucket?: BucketSize;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Events {
  /** Returns at once and never throws. What was seen a moment ago is only counted. */
  record(occurrence: Occurrence): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

interface Known {
  readonly first: number;
  /** All sightings, those that were not written included. */
  count: number;
  /** null: never, so it has to be created. */
  writtenAt: number | null;
  writing: boolean;
}

// As client-go's correlator.
const remembered = 4096;
const defaultBucket: BucketSize = { burst: 25, everyMs: 300_000 };
const defaultQuietMs = 600_000;
const maxUnderWay = 64;

export function createEvents(options: EventsOptions): Events {
  const { now = Date.now, quietMs = defaultQuietMs, bucket = defaultBucket, observer, signal } = options;
  const known = new LRUCache<string, Known>({ max: remembered });
  const buckets = new LRUCache<string, TokenBucket>({ max: remembered });
  const underWay = new Set<Promise<void>>();

  const mayWrite = ({ about }: Occurrence, at: number): boolean => {
    const key = JSON.stringify([about.kind, about.namespace, about.name, about.uid]);
    const own = buckets.get(key) ?? new TokenBucket(bucket, at);
    buckets.set(key, own);
    return own.take(at);
  };

  const write = async (occurrence: Occurrence, entry: Known, at: number): Promise<void> => {
    entry.writing = true;
    try {
      const sightings = { count: entry.count, first: entry.first, last: at };
      if (entry.writtenAt === null) entry.count += await create(options, occurrence, sightings);
      else await recount(options, occurrence, sightings);
      entry.writtenAt = at;
      observer?.written(occurrence);
    } catch (error) {
      // Events are forgotten after an hour: it may be gone.
      if (isCode(error, 'NotFound')) entry.writtenAt = null;
      if (!signal.aborted) observer?.failed(occurrence, error);
    } finally {
      entry.writing = false;
    }
  };

  return {
    record(occurrence) {
      if (signal.aborted) return;
      const at = now();
      const key = `${namespaceOf(occurrence)}/${nameOf(occurrence)}`;
      const entry = known.get(key) ?? { first: at, count: 0, writtenAt: null, writing: false };
      known.set(key, entry);
      entry.count++;
      if (entry.writing || (entry.writtenAt !== null && at - entry.writtenAt < quietMs)) return;
      if (underWay.size >= maxUnderWay || !mayWrite(occurrence, at)) return observer?.dropped(occurrence);
      const work = write(occurrence, entry, at).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async idle() {
      await Promise.all(underWay);
    },
  };
}

/** Gives how often others had seen it. */
async function create(
  { api, instance, signal }: EventsOptions,
  occurrence: Occurrence,
  sightings: Sightings,
): Promise<number> {
  const namespace = namespaceOf(occurrence);
  try {
    const body = eventObject(occurrence, sightings, instance);
    const path = pathOf(events, { namespace });
    await api.request({ method: 'POST', path, query: { fieldManager }, body, signal });
    return 0;
  } catch (error) {
    if (!isCode(error, 'AlreadyExists')) throw error;
  }
  // Of the leader before this one, or of this process before it was restarted.
  const path = pathOf(events, { namespace, name: nameOf(occurrence) });
  const count = fields(await api.request({ path, signal }))['count'];
  const before = typeof count === 'number' && count > 0 ? count : 0;
  await recount({ api, signal }, occurrence, { ...sightings, count: before + sightings.count });
  return before;
}

async function recount(
  { api, signal }: Pick<EventsOptions, 'api' | 'signal'>,
  occurrence: Occurrence,
  sightings: Sightings,
): Promise<void> {
  await api.request({
    method: 'PATCH',
    path: pathOf(events, { namespace: namespaceOf(occurrence), name: nameOf(occurrence) }),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: seenAgain(sightings),
    signal,
  });
}

function isCode(error: unknown, code: KubernetesError['code']): boolean {
  return error instanceof KubernetesError && error.code === code;
}
