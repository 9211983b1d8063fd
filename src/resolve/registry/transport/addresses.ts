/** Where redirects, realms, external URLs (rule 9) and the hosts of images may not lead: this machine, its links and the metadata services of clouds. Private ranges are allowed: registries live there. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

// Metadata services outside of the link-local ranges.
const metadata: ReadonlySet<string> = new Set([
  '100.100.100.200', // Alibaba Cloud
  '168.63.129.16', // Azure
  '192.0.0.192', // Oracle Cloud
  'fd00:ec2::254', // AWS over IPv6
  'fd20:ce::254', // Google Cloud over IPv6
]);
// Behind a proxy the address is not seen, only the name is.
const metadataNames: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata']);

/** A server, or an image, tried to lead us to an address that it has no business with. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'FORBIDDEN_ADDRESS';
  constructor(host: string, address: string) {
    super(host === address ? address : `${host} (${address})`);
  }
}

/** Throws `ForbiddenAddress` if `hostname` (of a URL) is, by its text alone, a forbidden address. */
export function forbidLiteral(hostname: string, loopbackAllowed: boolean): void {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const local = host === 'localhost' || host.endsWith('.localhost');
  const forbidden = ipaddr.isValid(host)
    ? isForbidden(host, loopbackAllowed)
    : metadataNames.has(host) || (local && !loopbackAllowed);
  if (forbidden) throw new ForbiddenAddress(host, host);
}

/** May a server's answer not lead to this IP address? */
export function isForbidden(address: string, loopbackAllowed: boolean): boolean {
  const ip = ipaddr.process(address.replace(/%.*/, ''));
  const range = ip.range();
  // An unspecified address connects to this machine on Linux.
  if (range === 'loopback' || range === 'unspecified') return !loopbackAllowed;
  if (range === 'linkLocal' || metadata.has(ip.toString())) return true;
  const inner = embedded(ip);
  return inner !== null && isForbidden(inner, loopbackAllowed);
}

/** The IPv4 address that a translator (NAT64, SIIT) or a tunnel (6to4) on the way takes out of an IPv6 one. */
function embedded(ip: ipaddr.IPv4 | ipaddr.IPv6): string | null {
  if (ip.kind() === 'ipv4') return null;
  const bytes = ip.toByteArray();
  if (ip.range() === '6to4') return bytes.slice(2, 6).join('.');
  const compatible = bytes.slice(0, 12).every((byte) => byte === 0);
  const translated = compatible || ip.range() === 'rfc6052' || ip.range() === 'rfc6145';
  return translated ? bytes.slice(12).join('.') : null;
}

/** A `lookup` for sockets that fails when a name has a forbidden address: the check is on what is connected to. */
export function guardedLookup(loopbackAllowed: boolean): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookup(hostname, all, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new Error(`no address for ${hostname}`), '');
      const forbidden = addresses.find(({ address }) => isForbidden(address, loopbackAllowed));
      if (forbidden) return callback(new ForbiddenAddress(hostname, forbidden.address), '');
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
