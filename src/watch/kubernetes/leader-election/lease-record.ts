/** What a Lease says, and the Lease that follows from it. Pure: reading, writing and waiting are `lease.ts`'s. */
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { ObjectName } from '../writes.ts';
import { microTime } from '../micro-time.ts';
import { apiVersionOf, leases } from '../resource.ts';

/** Whom a Lease names, '' when it was given back. */
export function holderOf(lease: Fields): string {
  return text(fields(lease['spec'])['holderIdentity']);
}

/** How long its holder asked to be believed, in milliseconds. */
export function durationOf(lease: Fields, otherwiseMs: number): number {
  const seconds = fields(lease['spec'])['leaseDurationSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : otherwiseMs;
}

/** Something that changes with every renewal, and with nothing else. */
export function recordOf(lease: Fields): string {
  const { holderIdentity, acquireTime, renewTime, leaseTransitions } = fields(lease['spec']);
  return JSON.stringify([holderIdentity, acquireTime, renewTime, leaseTransitions]);
}

export function annotationsOf(lease: Fields): Readonly<Record<string, string>> {
  const all = Object.entries(fields(fields(lease['metadata'])['annotations']));
  return Object.fromEntries(all.map(([name, value]) => [name, text(value)]));
}

/** Milliseconds since the epoch; 0 when it does not say. */
export function createdAtOf(lease: Fields): number {
  return Date.parse(text(fields(lease['metadata'])['creationTimestamp'])) || 0;
}

export function newLease({ namespace, name }: ObjectName): Fields {
  return { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata: { namespace, name }, spec: {} };
}

/** `lease` held by `identity`: acquired at `now` if it was another's, else renewed. */
export function heldBy(identity: string, lease: Fields, durationMs: number, now: number): Fields {
  const spec = fields(lease['spec']);
  const time = microTime(now);
  const transitions = spec['leaseTransitions'];
  const before = typeof transitions === 'number' ? transitions : 0;
  const taken = holderOf(lease) !== identity;
  return {
    ...lease,
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: taken ? time : spec['acquireTime'],
      renewTime: time,
      leaseTransitions: taken && spec['acquireTime'] !== undefined ? before + 1 : before,
    },
  };
}

export function annotated(lease: Fields, annotations: Readonly<Record<string, string>>): Fields {
  const metadata = fields(lease['metadata']);
  return {
    ...lease,
    metadata: { ...metadata, annotations: { ...fields(metadata['annotations']), ...annotations } },
  };
}

/** Given back: the next one need not wait. */
export function releasedFrom(lease: Fields, now: number): Fields {
  const spec = fields(lease['spec']);
  return {
    ...lease,
    spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) },
  };
}
