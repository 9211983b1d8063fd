/** `insecure-registries`: hosts and networks whose certificates dockerd does not verify (moby `loadInsecureRegistries`, `isSecureIndex`). Nothing is looked up in DNS. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { splitHostPort } from '../../../util/text/host-port.ts';
import { grammar } from '../../reference/grammar.ts';
import { InvalidSetting } from '../invalid-setting.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface Network {
  readonly kind: 'network';
  readonly address: Address;
  readonly bits: number;
}

/** One entry, as dockerd understands it. */
export type InsecureEntry = { readonly kind: 'host'; readonly host: string } | Network;

/** Addresses of a name, from wherever the caller has them; [] when the name is not known. */
export type Names = (host: string) => readonly string[];

// dockerd adds them to every configuration.
const loopback: readonly Network[] = ['127.0.0.0/8', '::1/128'].flatMap((text) => parseNetwork(text) ?? []);

/** `index.docker.io` means `docker.io`. Throws an `InvalidSetting` for a name that begins or ends with a hyphen. */
export function validateIndexName(name: string): string {
  const normal = name === 'index.docker.io' ? 'docker.io' : name;
  if (!/^-|-$/.test(normal)) return normal;
  throw new InvalidSetting(`registry name "${name}" begins or ends with a hyphen`);
}

/** Throws an `InvalidSetting` that says what is wrong with the entry. */
export function parseInsecure(entry: string): InsecureEntry {
  validateIndexName(entry);
  const host = withoutScheme(entry);
  const network = parseNetwork(host);
  if (network) return network;
  checkHostPort(host);
  return { kind: 'host', host };
}

/** The entries in the form that questions are asked of. */
export interface InsecureRegistries {
  readonly hosts: ReadonlySet<string>;
  /** Without duplicates, the loopback networks last. */
  readonly networks: readonly Network[];
  /** There are networks besides the loopback ones, so that dockerd would look up every name. */
  readonly needsLookup: boolean;
}

/** Adds the loopback networks, as dockerd does. */
export function insecureRegistries(entries: readonly InsecureEntry[]): InsecureRegistries {
  const networks = entries.filter((entry) => entry.kind === 'network');
  const distinct = new Map([...networks, ...loopback].map((network) => [networkText(network), network]));
  return {
    hosts: new Set(entries.flatMap((entry) => (entry.kind === 'host' ? [entry.host] : []))),
    networks: [...distinct.values()],
    needsLookup: distinct.size > loopback.length,
  };
}

/** Is the registry `host` (or `host:port`) insecure? Docker Hub never is. */
export function isInsecure({ hosts, networks }: InsecureRegistries, host: string, names: Names): boolean {
  if (host === 'docker.io') return false;
  if (hosts.has(host)) return true;
  const name = hostOf(host);
  const addresses = isAddress(name) ? [name] : names(name).filter(isAddress);
  return addresses.some((address) => networks.some((network) => contains(network, ipaddr.process(address))));
}

/** Would dockerd look the name of `host` up to compare its addresses with the operator's networks? */
export function dependsOnLookup(registries: InsecureRegistries, host: string): boolean {
  return registries.needsLookup && !registries.hosts.has(host) && !isAddress(hostOf(host));
}

/** `10.0.0.0/8`: the network's own address, the host's bits removed. */
export function networkText({ address, bits }: Network): string {
  const bytes = address.toByteArray();
  const masked = bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index))));
  return `${ipaddr.fromByteArray(masked).toString()}/${bits}`;
}

function withoutScheme(entry: string): string {
  const mark = entry.indexOf('://');
  if (mark < 0) return entry;
  const scheme = entry.slice(0, mark).toLowerCase();
  if (scheme === 'http' || scheme === 'https') return entry.slice(mark + 3);
  throw new InvalidSetting(`insecure registry "${entry}" must not contain "://"; write the host alone`);
}

function parseNetwork(text: string): Network | null {
  const [address = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isAddress(address) || !/^\d{1,3}$/.test(bits)) return null;
  const parsed = ipaddr.parse(address);
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  return Number(bits) <= most ? { kind: 'network', address: parsed, bits: Number(bits) } : null;
}

function checkHostPort(text: string): void {
  const parts = splitHostPort(text);
  const host = parts.ok ? parts.host : text;
  if (!grammar.domain.test(text) && !isAddress(host)) {
    throw new InvalidSetting(
      `insecure registry "${text}" is no host, host:port or network such as 10.0.0.0/8`,
    );
  }
  if (!parts.ok || parts.port === '') return;
  if (!/^[+-]?\d+$/.test(parts.port) || Number(parts.port) < 0 || Number(parts.port) > 65535) {
    throw new InvalidSetting(`insecure registry "${text}": the port must be a number up to 65535`);
  }
}

function hostOf(host: string): string {
  const parts = splitHostPort(host);
  return parts.ok ? parts.host : host;
}

/** Go's `net.ParseIP` knows no zones. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

function contains(network: Network, address: Address): boolean {
  return networkText({ ...network, address }) === networkText(network);
}
