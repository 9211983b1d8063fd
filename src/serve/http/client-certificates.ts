/** Authentication of webhook clients by certificates (`server.webhook.tls.clientCA` and `clientNames`). */
import type { PeerCertificate, TLSSocket } from 'node:tls';

export interface ClientAuthentication {
  /** CA bundle in PEM that must have issued the client's certificate. */
  readonly ca: string;
  /** Accepted common names and DNS names; empty if every certificate of the CA is accepted. */
  readonly names: readonly string[];
}

/**
 * Returns true if the client is accepted. The handshake has verified the certificate against the CA; this
 * function checks its names.
 */
export function isAccepted(socket: TLSSocket, { names }: ClientAuthentication): boolean {
  if (!socket.authorized) return false;
  return names.length === 0 || namesIn(socket.getPeerCertificate()).some((name) => names.includes(name));
}

function namesIn({ subject, subjectaltname = '' }: PeerCertificate): readonly string[] {
  const dns = subjectaltname
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length));
  // A subject with several common names has an array at run time.
  return [...[subject?.CN ?? []].flat(), ...dns];
}
