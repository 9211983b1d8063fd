/** Address policy: redirects, token realms, external URLs and the hosts of images must not lead to loopback, link-local or cloud metadata addresses. Private ranges are allowed, because registries use them. */
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
// A proxy hides the address, so metadata services are also matched by name.
const metadataNames: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata']);

/** A server or an image named an address that the policy forbids. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'FORBIDDEN_ADDRESS';
  constructor(host: string, address: string) {
    super(host === address ? address : `${host} (${address})`);
  }
}

/** Throws `ForbiddenAddress` if `hostname` (of a URL) is itself a forbidden address. */
export function forbidLiteral(hostname: string, loopbackAllowed: boolean): void {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const local = host === 'localhost' || host.endsWith('.localhost');
  const forbidden = ipaddr.isValid(host)
    ? isForbidden(host, loopbackAllowed)
    : metadataNames.has(host) || (local && !loopbackAllowed);
  if (forbidden) throw new ForbiddenAddress(host, host);
}

/** Returns true if the policy forbids this IP address. */
export function isForbidden(address: string, loopbackAllowed: boolean): boolean {
  const ip = ipaddr.process(address.replace(/%.*/, ''));
  const range = ip.range();
  // On Linux an unspecified address connects to the local host.
  if (range === 'loopback' || range === 'unspecified') return !loopbackAllowed;
  if (range === 'linkLocal' || metadata.has(ip.toString())) return true;
  const inner = embedded(ip);
  return inner !== null && isForbidden(inner, loopbackAllowed);
}

/** Returns the IPv4 address that a translator (NAT64, SIIT) or tunnel (6to4) extracts from an IPv6 one; null if there is none. */
function embedded(ip: ipaddr.IPv4 | ipaddr.IPv6): string | null {
  if (ip.kind() === 'ipv4') return null;
  const bytes = ip.toByteArray();
  if (ip.range() === '6to4') return bytes.slice(2, 6).join('.');
  const compatible = bytes.slice(0, 12).every((byte) => byte === 0);
  const translated = compatible || ip.range() === 'rfc6052' || ip.range() === 'rfc6145';
  return translated ? bytes.slice(12).join('.') : null;
}

/** Returns a `lookup` for sockets that fails if a name resolves to a forbidden address, so that the connected address is checked. */
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
