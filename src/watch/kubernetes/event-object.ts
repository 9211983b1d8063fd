/** Builder of Kubernetes Event objects. It is pure; `event-recorder.ts` decides when to write one. */
import { createHash } from 'node:crypto';
import type { Fields } from '../../util/unstructured.ts';
import { clean, cut, cutBytes } from '../../util/text/text.ts';

/** Object that an Event regards, as written to `involvedObject`. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Namespace; empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EventData {
  readonly regarding: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** PascalCase word from a closed list. */
  readonly reason: string;
  readonly message: string;
}

/** Number of occurrences, and the time of the first and last one in milliseconds since the epoch. */
export interface EventSeries {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

const component = 'pratique';
// Limit of a message in bytes, which is that of events.k8s.io; kubectl prints one line of it.
const maxMessageBytes = 1024;

/** Returns the Event's namespace. Events that regard cluster-scoped objects are written to `default`, where `kubectl describe` looks for them. */
export function eventNamespace({ regarding }: EventData): string {
  return regarding.namespace === '' ? 'default' : regarding.namespace;
}

/** Returns the Event's name. It is the same on every replica, so that a new leader continues the count. */
export function eventName({ regarding, type, reason, message }: EventData): string {
  const { kind, namespace, name, uid } = regarding;
  const identity = JSON.stringify([kind, namespace, name, uid, type, reason, message]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  // A name has at most 253 characters and no two dots in a row.
  const prefix = name.slice(0, 253 - 1 - hash.length).replace(/[^a-z0-9]+$/, '');
  return prefix === '' ? hash : `${prefix}.${hash}`;
}

export function buildEvent(event: EventData, series: EventSeries, instance: string): Fields {
  const { regarding, type, reason, message } = event;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: eventNamespace(event), name: eventName(event) },
    involvedObject: regarding.namespace === '' ? { ...regarding, namespace: undefined } : regarding,
    type,
    reason: cut(reason, 128),
    message: cutBytes(clean(message, maxMessageBytes), maxMessageBytes),
    source: { component },
    reportingComponent: component,
    reportingInstance: cut(instance, 128),
    firstTimestamp: formatTime(series.first),
    ...seriesPatch(series),
  };
}

/** Returns the fields that change when the same Event occurs again. */
export function seriesPatch({ count, last }: EventSeries): Fields {
  return { count, lastTimestamp: formatTime(last) };
}

/** Formats whole seconds, as `metav1.Time` does. */
function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
