/**
 * Hosts and networks whose certificates a runtime does not verify: `insecure-registries` of dockerd (moby
 * `loadInsecureRegistries`, `isSecureIndex`) and CRI-O's setting of the same form. The module does no DNS look-ups.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DocumentError } from '../../document/document-error.ts';
import { splitHostPort } from '../../util/text/host-port.ts';
import { grammar } from '../reference/grammar.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface Network {
  readonly kind: 'network';
  readonly address: Address;
  readonly bits: number;
}

/** One parsed entry. */
export type InsecureEntry = { readonly kind: 'host'; readonly host: string } | Network;

/** Returns the addresses of a name; [] if they are not known. */
export type Names = (host: string) => readonly string[];

// dockerd adds these networks to every configuration.
const loopback: readonly Network[] = ['127.0.0.0/8', '::1/128'].flatMap((text) => parseNetwork(text) ?? []);

/** Replaces `index.docker.io` by `docker.io`. Throws `DocumentError` if the name begins or ends with a hyphen. */
export function validateIndexName(name: string): string {
  const normal = name === 'index.docker.io' ? 'docker.io' : name;
  if (!/^-|-$/.test(normal)) return normal;
  throw invalid(`registry name "${name}" begins or ends with a hyphen`);
}

/** Parses an entry as dockerd does. Throws `DocumentError`. */
export function parseInsecure(entry: string): InsecureEntry {
  validateIndexName(entry);
  const host = withoutScheme(entry);
  const network = parseNetwork(host);
  if (network) return network;
  checkHostPort(host);
  return { kind: 'host', host };
}

/** Parses an entry as CRI-O does, which treats any text that is not a network as a host. */
export function parseNetworkOrHost(entry: string): InsecureEntry {
  return parseNetwork(entry) ?? { kind: 'host', host: entry };
}

/** All entries in a form that can be searched. */
export interface InsecureRegistries {
  readonly hosts: ReadonlySet<string>;
  /** Networks without duplicates, the loopback networks last. */
  readonly networks: readonly Network[];
  /** True if there are networks besides the loopback ones, so that dockerd looks up every name. */
  readonly needsLookup: boolean;
}

/** Collects entries and adds the loopback networks, as dockerd does. */
export function insecureRegistries(entries: readonly InsecureEntry[]): InsecureRegistries {
  const networks = entries.filter((entry) => entry.kind === 'network');
  const distinct = new Map([...networks, ...loopback].map((network) => [networkText(network), network]));
  return {
    hosts: new Set(entries.flatMap((entry) => (entry.kind === 'host' ? [entry.host] : []))),
    networks: [...distinct.values()],
    needsLookup: distinct.size > loopback.length,
  };
}

/** Returns the addresses of names that are the same on every node. Pratique looks up no other names. */
export function localNames(host: string): readonly string[] {
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [];
}

/** Returns true if the registry `host` (or `host:port`) is insecure. Docker Hub never is. */
export function isInsecure({ hosts, networks }: InsecureRegistries, host: string, names: Names): boolean {
  if (host === 'docker.io') return false;
  if (hosts.has(host)) return true;
  const name = hostOf(host);
  const addresses = isAddress(name) ? [name] : names(name).filter(isAddress);
  return addresses.some((address) => networks.some((network) => contains(network, ipaddr.process(address))));
}

/** Returns true if dockerd looks up the name of `host` to compare its addresses with the configured networks. */
export function dependsOnLookup(registries: InsecureRegistries, host: string): boolean {
  return registries.needsLookup && !registries.hosts.has(host) && !isAddress(hostOf(host));
}

/** Formats a network with the host's bits removed: `10.0.0.0/8`. */
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
  throw invalid(`insecure registry "${entry}" must not contain "://"; write the host alone`);
}

function parseNetwork(text: string): Network | null {
  const [address = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isAddress(address) || !/^\d{1,3}$/.test(bits)) return null;
  const parsed = ipaddr.parse(address);
  const maxBits = parsed.kind() === 'ipv4' ? 32 : 128;
  return Number(bits) <= maxBits ? { kind: 'network', address: parsed, bits: Number(bits) } : null;
}

function checkHostPort(text: string): void {
  const parts = splitHostPort(text);
  const host = parts.ok ? parts.host : text;
  if (!grammar.domain.test(text) && !isAddress(host)) {
    throw invalid(`insecure registry "${text}" is not a host, host:port or network such as 10.0.0.0/8`);
  }
  if (!parts.ok || parts.port === '') return;
  if (!/^[+-]?\d+$/.test(parts.port) || Number(parts.port) < 0 || Number(parts.port) > 65535) {
    throw invalid(`insecure registry "${text}": the port must be a number up to 65535`);
  }
}

function hostOf(host: string): string {
  const parts = splitHostPort(host);
  return parts.ok ? parts.host : host;
}

/** Returns true for an IP address without a zone, because Go's `net.ParseIP` accepts no zones. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

function contains(network: Network, address: Address): boolean {
  return networkText({ ...network, address }) === networkText(network);
}

function invalid(message: string): DocumentError {
  return new DocumentError('INVALID', message);
}
