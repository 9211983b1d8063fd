/** Hosts that mean the machine itself, by name and address: nothing is looked up in DNS. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { splitHostPort } from '../../util/text/host-port.ts';

/** containerd's `docker.IsLocalhost`, which decides default scheme and TLS. Takes `host` or `host:port`; `[::1]` without a port does not match. */
export function isLocalhost(host: string): boolean {
  const parts = splitHostPort(host);
  return isLocalName(parts.ok ? parts.host : host);
}

/** containerd's `docker.MatchLocalhost`: as `isLocalhost`, but `[::1]` matches and an empty port does not. */
export function matchLocalhost(host: string): boolean {
  if (host === '::1' || host === '[::1]') return true;
  const parts = splitHostPort(host);
  if (!parts.ok) return parts.reason === 'missing port' && isLocalName(host);
  return parts.port !== '' && isLocalName(parts.host);
}

/** Does the URL of an endpoint lead to the node itself? Takes every spelling that a URL parser accepts (`127.1`, `[::ffff:7f00:1]`). */
export function isNodeLocal(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, '') ?? '';
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = host.replace(/^\[|\]$/g, '');
  if (!ipaddr.isValid(address)) return false;
  // An unspecified address (0.0.0.0, ::) connects to the machine itself on Linux.
  return ['loopback', 'unspecified'].includes(ipaddr.process(address).range());
}

function isLocalName(host: string): boolean {
  if (host === 'localhost') return true;
  // Go's net.ParseIP takes neither zones nor short forms.
  if (!isIPv4(host) && !(isIPv6(host) && !host.includes('%'))) return false;
  return ipaddr.process(host).range() === 'loopback';
}
