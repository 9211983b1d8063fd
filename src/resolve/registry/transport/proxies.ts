/** Proxy selection from given settings, by the rules of Go's `httpproxy`. */
import ipaddr from 'ipaddr.js';

export interface ProxySettings {
  /** Proxy for `https://` requests, such as `http://proxy.corp:3128`; null if there is none. */
  readonly https: string | null;
  /** Proxy for `http://` requests; null if there is none. */
  readonly http: string | null;
  /** Hosts, `.suffixes`, `host:port`, addresses and CIDRs that are contacted directly; `*` matches every host. */
  readonly noProxy: readonly string[];
}

export const noProxies: ProxySettings = { https: null, http: null, noProxy: [] };

/**
 * Returns the proxy for `url`; null for a direct connection. Loopback, link-local and cluster-internal `.svc` hosts never use
 * a proxy.
 */
export function proxyFor(url: URL, settings: ProxySettings): string | null {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === null) return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const direct = isInternal(host) || settings.noProxy.some((rule) => covers(rule.trim(), host, port));
  return direct ? null : proxy;
}

function isInternal(host: string): boolean {
  if (ipaddr.isValid(host))
    return ['loopback', 'linkLocal', 'unspecified'].includes(ipaddr.process(host).range());
  return host === 'localhost' || host.endsWith('.localhost') || /\.svc(?:\.|$)/.test(host);
}

function covers(rule: string, host: string, port: string): boolean {
  if (rule === '') return false;
  if (rule === '*') return true;
  if (ipaddr.isValidCIDR(rule)) return inNetwork(rule, host);
  const { name, port: wanted } = splitRule(rule.toLowerCase());
  if (wanted !== null && wanted !== port) return false;
  if (ipaddr.isValid(name)) return ipaddr.isValid(host) && sameAddress(name, host);
  // ".corp" matches every host below corp; "corp" also matches the host corp itself.
  const suffix = name.replace(/^\*?\.?/, '.');
  return host.endsWith(suffix) || (!name.startsWith('.') && host === name);
}

function splitRule(rule: string): { name: string; port: string | null } {
  if (ipaddr.isValid(rule)) return { name: rule, port: null };
  const parts = /^\[?(?<name>.*?)\]?(?::(?<port>\d+))?$/.exec(rule)?.groups;
  return { name: parts?.['name'] ?? rule, port: parts?.['port'] ?? null };
}

function inNetwork(cidr: string, host: string): boolean {
  if (!ipaddr.isValid(host)) return false;
  const [network, bits] = ipaddr.parseCIDR(cidr);
  const address = ipaddr.process(host);
  return network.kind() === address.kind() && address.match(network, bits);
}

function sameAddress(one: string, other: string): boolean {
  return ipaddr.process(one).toString() === ipaddr.process(other).toString();
}
