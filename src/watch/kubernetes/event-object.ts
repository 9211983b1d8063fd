/** An Event of Kubernetes as an object: pure. When to write one is `events.ts`'s. */
import { createHash } from 'node:crypto';
import type { Fields } from '../../util/unstructured.ts';
import { clean, cut, cutBytes } from '../../util/text/text.ts';

/** The object that an Event is about, as `involvedObject` has it. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' for what has no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface Occurrence {
  readonly about: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** PascalCase, of a closed list. */
  readonly reason: string;
  readonly message: string;
}

/** How often it was seen, and when (milliseconds since the epoch). */
export interface Sightings {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

const component = 'pratique';
// As the API server has it for events.k8s.io; kubectl shows one line of it.
const maxMessageBytes = 1024;

/** Events about what has no namespace live in `default`: there `kubectl describe` looks for them. */
export function namespaceOf({ about }: Occurrence): string {
  return about.namespace === '' ? 'default' : about.namespace;
}

/** The same for the same occurrence, whichever replica sees it: a new leader counts on. */
export function nameOf({ about, type, reason, message }: Occurrence): string {
  const { kind, namespace, name, uid } = about;
  const identity = JSON.stringify([kind, namespace, name, uid, type, reason, message]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  // A name has at most 253 characters, and no two dots in a row.
  const head = name.slice(0, 253 - 1 - hash.length).replace(/[^a-z0-9]+$/, '');
  return head === '' ? hash : `${head}.${hash}`;
}

export function eventObject(occurrence: Occurrence, sightings: Sightings, instance: string): Fields {
  const { about, type, reason, message } = occurrence;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: namespaceOf(occurrence), name: nameOf(occurrence) },
    involvedObject: about.namespace === '' ? { ...about, namespace: undefined } : about,
    type,
    reason: cut(reason, 128),
    message: cutBytes(clean(message, maxMessageBytes), maxMessageBytes),
    source: { component },
    reportingComponent: component,
    reportingInstance: cut(instance, 128),
    firstTimestamp: time(sightings.first),
    ...seenAgain(sightings),
  };
}

/** What changes when the same is seen once more. */
export function seenAgain({ count, last }: Sightings): Fields {
  return { count, lastTimestamp: time(last) };
}

/** Whole seconds, as `metav1.Time` has them. */
function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
