/** The address of a listener, as the configuration writes it. */
import { clean } from '../../util/text/text.ts';

/** A TCP port (`host` null for all interfaces, port 0 for any free one) or a unix socket. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string | null; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** An invalid or unavailable address. Callers match on `code`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** `Syntax`, or the system's error code: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`… */
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

// Host in brackets (IPv6), a name or IPv4 address, or nothing; then the port. Matches the whole text without a trailing newline.
const tcp = /^(?:\[(?<v6>[0-9A-Fa-f:.%]+)\]|(?<host>[^:[\]\s/]*)):(?<port>\d{1,5})(?![\s\S])/;

// `sun_path` of Linux has 108 bytes, the terminating NUL included.
const maxSocketPath = 107;

/**
 * `:8443`, `host:port`, `[::1]:0` or `unix:/path`.
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

/** The kernel cuts longer paths off, and then another file is meant. */
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

/** The address as the configuration writes it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host ?? '';
  return `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
