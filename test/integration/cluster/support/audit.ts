/** The API server's audit log: who asked for what, and what admission left beside it. */
import { readFile } from 'node:fs/promises';
import type { ControlPlane } from '../../../kit/cluster/control-plane/control-plane.ts';

export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly requestReceivedTimestamp: string;
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** All events so far. */
export async function auditEvents({ auditLog }: ControlPlane): Promise<readonly AuditEvent[]> {
  if (auditLog === null) throw new Error('the control plane writes no audit log');
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}

const writing = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What `user` changed; its Lease, which ticks, apart. */
export function writesOf(user: string, events: readonly AuditEvent[]): readonly AuditEvent[] {
  return events.filter(
    ({ verb, user: { username }, objectRef }) =>
      username === user && writing.includes(verb) && objectRef?.resource !== 'leases',
  );
}

/** On one line, for a test that expected none. */
export function shown({ requestReceivedTimestamp, verb, requestURI, responseStatus }: AuditEvent): string {
  return `${requestReceivedTimestamp} ${verb} ${requestURI} ${responseStatus?.code ?? ''}`;
}
