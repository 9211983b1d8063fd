/** Splitter of `host:port` by the rules of Go's `net.SplitHostPort`, which the runtimes' own readers use. */

export type HostPort =
  | { readonly ok: true; readonly host: string; readonly port: string }
  | { readonly ok: false; readonly reason: 'missing port' | 'malformed' };

const missingPort: HostPort = { ok: false, reason: 'missing port' };
const malformed: HostPort = { ok: false, reason: 'malformed' };

/** Splits the text and removes the brackets around an IPv6 host. The port may be empty but not absent. */
export function splitHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return missingPort;
  if (!text.startsWith('[')) {
    const host = text.slice(0, colon);
    return /[:[\]]/.test(host) || /[[\]]/.test(text)
      ? malformed
      : { ok: true, host, port: text.slice(colon + 1) };
  }
  const end = text.indexOf(']');
  if (end + 1 === text.length) return missingPort;
  if (end < 0 || end + 1 !== colon) return malformed;
  const [host, port] = [text.slice(1, end), text.slice(colon + 1)];
  return /[[\]]/.test(host + port) ? malformed : { ok: true, host, port };
}

/** Returns the port of `host:port`, and '' if it has none. */
export function portOf(text: string): string {
  const parts = splitHostPort(text);
  return parts.ok ? parts.port : '';
}
