/**
 * Recorder of Kubernetes Events, which `kubectl describe` shows. It deduplicates and counts them, limits
 * writes per object, and never delays or fails its caller.
 */
import { LRUCache } from 'lru-cache';
import { fields } from '../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from './api.ts';
import { fieldManager } from './writes.ts';
import {
  buildEvent,
  eventName,
  eventNamespace,
  type EventData,
  seriesPatch,
  type EventSeries,
} from './event-object.ts';
import { coreEvents, pathOf } from './resource.ts';
import { type BucketSize, TokenBucket } from '../../util/async/token-bucket.ts';

export interface EventRecorderObserver {
  written(event: EventData): void;
  /**
   * Called when the Event was not written because this object had too many, or because too many writes were
   * in flight.
   */
  dropped(event: EventData): void;
  failed(event: EventData, error: unknown): void;
}

export interface EventRecorderOptions {
  readonly api: KubernetesApi;
  /** Name of this replica, written to `reportingInstance`. */
  readonly instance: string;
  /** Cancels writes in flight. */
  readonly signal: AbortSignal;
  readonly observer?: EventRecorderObserver;
  /** Shortest time between two writes of the same Event; defaults to ten minutes. */
  readonly quietMs?: number;
  /** Limit of writes for one object; defaults to that of client-go: 25, and then one in five minutes. */
  readonly bucket?: BucketSize;
  /** Returns milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface EventRecorder {
  /**
   * Records an Event. It returns at once and never throws; an Event that was written recently is only
   * counted.
   */
  record(event: EventData): void;
  /** Resolves when no write is in flight. */
  idle(): Promise<void>;
}

interface RecordedEvent {
  readonly first: number;
  /** Number of all occurrences, including those that were not written. */
  count: number;
  /** null if the Event was never written and must be created. */
  writtenAt: number | null;
  writing: boolean;
}

// Limit of recorded Events, which is the size of client-go's event correlator.
const maxRecorded = 4096;
const defaultBucket: BucketSize = { burst: 25, everyMs: 300_000 };
const defaultQuietMs = 600_000;
const maxInFlight = 64;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { now = Date.now, quietMs = defaultQuietMs, bucket = defaultBucket, observer, signal } = options;
  const recorded = new LRUCache<string, RecordedEvent>({ max: maxRecorded });
  // Another Event of the object in between ends the quiet time, because the state has changed back.
  const lastKeys = new LRUCache<string, string>({ max: maxRecorded });
  const buckets = new LRUCache<string, TokenBucket>({ max: maxRecorded });
  const inFlight = new Set<Promise<void>>();

  const takeToken = ({ regarding }: EventData, at: number): boolean => {
    const key = JSON.stringify([regarding.kind, regarding.namespace, regarding.name, regarding.uid]);
    const tokens = buckets.get(key) ?? new TokenBucket(bucket, at);
    buckets.set(key, tokens);
    return tokens.take(at);
  };

  const write = async (event: EventData, entry: RecordedEvent, at: number): Promise<void> => {
    entry.writing = true;
    try {
      const series = { count: entry.count, first: entry.first, last: at };
      if (entry.writtenAt === null) entry.count += await createEvent(options, event, series);
      else await patchSeries(options, event, series);
      entry.writtenAt = at;
      observer?.written(event);
    } catch (error) {
      // The API server deletes Events after an hour, so the Event must be created again.
      if (isCode(error, 'NotFound')) entry.writtenAt = null;
      if (!signal.aborted) observer?.failed(event, error);
    } finally {
      entry.writing = false;
    }
  };

  return {
    record(event) {
      if (signal.aborted) return;
      const at = now();
      const key = `${eventNamespace(event)}/${eventName(event)}`;
      const entry = recorded.get(key) ?? { first: at, count: 0, writtenAt: null, writing: false };
      const isRepeated = lastKeys.get(event.regarding.uid) === key;
      lastKeys.set(event.regarding.uid, key);
      recorded.set(key, entry);
      entry.count++;
      const isQuiet = entry.writtenAt !== null && at - entry.writtenAt < quietMs;
      if (entry.writing || (isRepeated && isQuiet)) return;
      if (inFlight.size >= maxInFlight || !takeToken(event, at)) return observer?.dropped(event);
      const writing = write(event, entry, at).finally(() => inFlight.delete(writing));
      inFlight.add(writing);
    },
    async idle() {
      await Promise.all(inFlight);
    },
  };
}

/** Writes a new Event. Returns how often other replicas have seen it. */
async function createEvent(
  { api, instance, signal }: EventRecorderOptions,
  event: EventData,
  series: EventSeries,
): Promise<number> {
  const namespace = eventNamespace(event);
  try {
    const body = buildEvent(event, series, instance);
    const path = pathOf(coreEvents, { namespace });
    await api.request({ method: 'POST', path, query: { fieldManager }, body, signal });
    return 0;
  } catch (error) {
    if (!isCode(error, 'AlreadyExists')) throw error;
  }
  // The Event exists already: the previous leader wrote it, or this process did before a restart.
  const path = pathOf(coreEvents, { namespace, name: eventName(event) });
  const count = fields(await api.request({ path, signal }))['count'];
  const before = typeof count === 'number' && count > 0 ? count : 0;
  await patchSeries({ api, signal }, event, { ...series, count: before + series.count });
  return before;
}

async function patchSeries(
  { api, signal }: Pick<EventRecorderOptions, 'api' | 'signal'>,
  event: EventData,
  series: EventSeries,
): Promise<void> {
  await api.request({
    method: 'PATCH',
    path: pathOf(coreEvents, { namespace: eventNamespace(event), name: eventName(event) }),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: seriesPatch(series),
    signal,
  });
}

function isCode(error: unknown, code: KubernetesError['code']): boolean {
  return error instanceof KubernetesError && error.code === code;
}
