/** Detection of hosts that mean the machine itself, by name and address. It does no DNS look-ups. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { splitHostPort } from '../../util/text/host-port.ts';

/**
 * Returns true for a loopback host, as containerd's `docker.IsLocalhost`, which decides the default scheme and TLS. It accepts
 * `host` or `host:port`; `[::1]` without a port does not match.
 */
export function isLocalhost(host: string): boolean {
  const parts = splitHostPort(host);
  return isLocalName(parts.ok ? parts.host : host);
}

/**
 * Returns true for a loopback host, as containerd's `docker.MatchLocalhost`. Unlike `isLocalhost`, it matches `[::1]` and
 * rejects an empty port.
 */
export function matchLocalhost(host: string): boolean {
  if (host === '::1' || host === '[::1]') return true;
  const parts = splitHostPort(host);
  if (!parts.ok) return parts.reason === 'missing port' && isLocalName(host);
  return parts.port !== '' && isLocalName(parts.host);
}

/**
 * Returns true if the URL of an endpoint leads to the node itself. It accepts every spelling that a URL parser accepts
 * (`127.1`, `[::ffff:7f00:1]`).
 */
export function isNodeLocal(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, '') ?? '';
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = host.replace(/^\[|\]$/g, '');
  if (!ipaddr.isValid(address)) return false;
  // On Linux a connection to an unspecified address (0.0.0.0, ::) reaches the machine itself.
  return ['loopback', 'unspecified'].includes(ipaddr.process(address).range());
}

function isLocalName(host: string): boolean {
  if (host === 'localhost') return true;
  // Go's net.ParseIP accepts neither zones nor short forms.
  if (!isIPv4(host) && !(isIPv6(host) && !host.includes('%'))) return false;
  return ipaddr.process(host).range() === 'loopback';
}
