/** Address of a listener as the configuration writes it. */
import { clean } from '../../util/text/text.ts';

/** TCP port or unix socket. `host` is null for all interfaces, and port 0 means any free port. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string | null; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Error of an invalid or unavailable address. Callers match on `code`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** `Syntax`, or the system's error code, such as `EADDRINUSE`, `EACCES` or `EADDRNOTAVAIL`. */
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

// Matches an IPv6 host in brackets, a name or IPv4 address, or nothing, followed by the port. It matches the
// whole text without a trailing newline.
const tcp = /^(?:\[(?<v6>[0-9A-Fa-f:.%]+)\]|(?<host>[^:[\]\s/]*)):(?<port>\d{1,5})(?![\s\S])/;

// Limit of the path of a unix socket: Linux's `sun_path` has 108 bytes, including the terminating NUL.
const maxSocketPath = 107;

/**
 * Parses `:8443`, `host:port`, `[::1]:0` or `unix:/path`.
 * @throws {ListenError} `Syntax`
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: socketPath(text.slice('unix:'.length)) };
  const groups = tcp.exec(text)?.groups;
  const port = Number(groups?.['port']);
  if (!groups || port > 65_535) {
    throw new ListenError(
      'Syntax',
      `"${clean(text, 80)}" is not a listen address; write ":8443", "host:port", "[::1]:8443" or "unix:/path"`,
    );
  }
  return { kind: 'tcp', host: groups['v6'] ?? (groups['host'] || null), port };
}

/**
 * Returns the path of the socket. Longer paths are rejected, because the kernel would cut them off and use
 * another file.
 */
function socketPath(path: string): string {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPath) {
    throw new ListenError(
      'Syntax',
      `"${clean(path, 80)}" has ${bytes} bytes; the path of a unix socket has at most ${maxSocketPath}`,
    );
  }
  if (path.includes('\0')) throw new ListenError('Syntax', `"${clean(path, 80)}" contains a NUL character`);
  return path;
}

/** Formats the address as the configuration writes it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host ?? '';
  return `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
