/**
 * Address policy: redirects, token realms, external URLs and the hosts of images must not lead to loopback, link-local or
 * cloud metadata addresses. Private ranges are allowed, because registries use them.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Kinds of addresses that a host may have. */
export interface AddressPolicy {
  readonly loopback: boolean;
  /** True to allow link-local addresses and cloud metadata services. */
  readonly linkLocal: boolean;
  /** Networks in CIDR notation that are forbidden in addition. */
  readonly denied: readonly string[];
}

/** Policy without restrictions. */
export const anyAddress: AddressPolicy = { loopback: true, linkLocal: true, denied: [] };

// Addresses of metadata services outside the link-local ranges.
const metadata: ReadonlySet<string> = new Set([
  '100.100.100.200', // Alibaba Cloud
  '168.63.129.16', // Azure
  '192.0.0.192', // Oracle Cloud
  'fd00:ec2::254', // AWS over IPv6
  'fd20:ce::254', // Google Cloud over IPv6
]);
// A proxy hides the address, so metadata services are also matched by name.
const metadataNames: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata']);

/** Error for a forbidden address that a server or an image named. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'FORBIDDEN_ADDRESS';
  constructor(host: string, address: string) {
    super(host === address ? address : `${host} (${address})`);
  }
}

/** Error for a configured endpoint on a loopback address, which means the node itself. */
export class LoopbackAddress extends Error {
  override readonly name = 'LoopbackAddress';
  readonly code = 'LOOPBACK_ADDRESS';
}

/** Throws if `hostname` (of a URL) is itself a forbidden address. */
export function forbidLiteral(hostname: string, policy: AddressPolicy): void {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (ipaddr.isValid(host)) return forbidAddress(host, host, policy);
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  if (isLocal && !policy.loopback) throw violation(host, host, policy, 'loopback');
  if (metadataNames.has(host) && !policy.linkLocal) throw new ForbiddenAddress(host, host);
}

/** Throws if the policy forbids an address that `host` has. */
export function forbidAddress(host: string, address: string, policy: AddressPolicy): void {
  const kind = forbiddenKind(address, policy);
  if (kind !== null) throw violation(host, address, policy, kind);
}

function violation(
  host: string,
  address: string,
  { linkLocal }: AddressPolicy,
  kind: 'loopback' | 'other',
): Error {
  // An operator's own endpoint may have any other address, so this is not an attack.
  return kind === 'loopback' && linkLocal
    ? new LoopbackAddress(`${host} (${address})`)
    : new ForbiddenAddress(host, address);
}

function forbiddenKind(address: string, policy: AddressPolicy): 'loopback' | 'other' | null {
  const ip = ipaddr.process(address.replace(/%.*/, ''));
  if (policy.denied.some((network) => isIn(ip, network))) return 'other';
  const range = ip.range();
  // On Linux a connection to an unspecified address reaches the local host.
  if (range === 'loopback' || range === 'unspecified') return policy.loopback ? null : 'loopback';
  const isLinkLocal = range === 'linkLocal' || metadata.has(ip.toString());
  if (isLinkLocal && !policy.linkLocal) return 'other';
  const inner = embedded(ip);
  return inner === null ? null : forbiddenKind(inner, policy);
}

function isIn(ip: ipaddr.IPv4 | ipaddr.IPv6, cidr: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return network.kind() === ip.kind() && ip.match(network, bits);
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
export function guardedLookup(
  resolve: (hostname: string) => Promise<readonly LookupAddress[]>,
  policy: AddressPolicy,
): LookupFunction {
  const addressesOf = async (hostname: string, family: unknown): Promise<readonly LookupAddress[]> => {
    const found = await resolve(hostname);
    const addresses = found.filter((each) => (family !== 4 && family !== 6) || each.family === family);
    for (const { address } of addresses) forbidAddress(hostname, address, policy);
    return addresses;
  };
  const answer = async (
    ...[hostname, { all, family }, callback]: Parameters<LookupFunction>
  ): Promise<void> => {
    let addresses: readonly LookupAddress[] = [];
    try {
      addresses = await addressesOf(hostname, family);
    } catch (error) {
      return callback(error as Error, '');
    }
    const [first] = addresses;
    if (!first) return callback(new Error(`no address for ${hostname}`), '');
    if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
  return (...query) => void answer(...query);
}
