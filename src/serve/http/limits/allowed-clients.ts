/** Networks from which clients may connect. */
import { BlockList, isIP } from 'node:net';

/**
 * Returns a function that matches an address against networks such as `10.0.0.0/8`; null if the list is
 * empty.
 * @throws {Error} for an invalid network
 */
export function createAddressFilter(networks: readonly string[]): ((address: string) => boolean) | null {
  if (networks.length === 0) return null;
  const list = new BlockList();
  for (const network of networks) {
    const { address, prefix, family } = parseNetwork(network);
    list.addSubnet(address, prefix, family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Parses a network in CIDR notation, or a single address.
 * @throws {Error}
 */
export function parseNetwork(text: string): Network {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const prefix = length === undefined ? longest : Number(length);
  const isPrefix = length === undefined || /^\d{1,3}$/.test(length);
  if (version === 0 || rest.length > 0 || !isPrefix || prefix > longest) {
    throw new Error('is not a network; write it like 10.0.0.0/8, 192.0.2.7 or fd00::/8');
  }
  return { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' };
}
