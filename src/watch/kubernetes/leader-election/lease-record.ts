/**
 * Fields of a Lease, and the Lease to write next. The functions are pure; `candidate.ts` reads and writes the
 * Lease.
 */
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { ObjectName } from '../writes.ts';
import { apiVersionOf, leases } from '../resource.ts';

/** Returns the holder's identity; '' if the Lease was released. */
export function leaseHolder(lease: Fields): string {
  return text(fields(lease['spec'])['holderIdentity']);
}

/** Returns the lease duration that the holder requested, in milliseconds. */
export function leaseDurationMs(lease: Fields, defaultMs: number): number {
  const seconds = fields(lease['spec'])['leaseDurationSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : defaultMs;
}

/** Returns text that changes with every renewal and with nothing else. */
export function renewalRecord(lease: Fields): string {
  const { holderIdentity, acquireTime, renewTime, leaseTransitions } = fields(lease['spec']);
  return JSON.stringify([holderIdentity, acquireTime, renewTime, leaseTransitions]);
}

export function leaseAnnotations(lease: Fields): Readonly<Record<string, string>> {
  const all = Object.entries(fields(fields(lease['metadata'])['annotations']));
  return Object.fromEntries(all.map(([name, value]) => [name, text(value)]));
}

/** Returns milliseconds since the epoch; 0 if the timestamp is missing. */
export function leaseCreatedAt(lease: Fields): number {
  return Date.parse(text(fields(lease['metadata'])['creationTimestamp'])) || 0;
}

export function newLease({ namespace, name }: ObjectName): Fields {
  return { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata: { namespace, name }, spec: {} };
}

/**
 * Returns `lease` held by `identity`. It is acquired at `now` if another replica held it, and otherwise
 * renewed.
 */
export function acquiredBy(identity: string, lease: Fields, durationMs: number, now: number): Fields {
  const spec = fields(lease['spec']);
  const time = microTime(now);
  const transitions = spec['leaseTransitions'];
  const transitionsBefore = typeof transitions === 'number' ? transitions : 0;
  const isTaken = leaseHolder(lease) !== identity;
  return {
    ...lease,
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: isTaken ? time : spec['acquireTime'],
      renewTime: time,
      leaseTransitions:
        isTaken && spec['acquireTime'] !== undefined ? transitionsBefore + 1 : transitionsBefore,
    },
  };
}

export function withAnnotations(lease: Fields, annotations: Readonly<Record<string, string>>): Fields {
  const metadata = fields(lease['metadata']);
  return {
    ...lease,
    metadata: { ...metadata, annotations: { ...fields(metadata['annotations']), ...annotations } },
  };
}

/** Returns the Lease released, so that the next replica need not wait. */
export function released(lease: Fields, now: number): Fields {
  const spec = fields(lease['spec']);
  return {
    ...lease,
    spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) },
  };
}

/** Formats a time with six decimals, as in Leases (`V1MicroTime`); the API server rejects fewer. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
