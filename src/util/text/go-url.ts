/** URL parser with the semantics of Go's `net/url`, which containerd and k3s use for endpoints. The WHATWG `URL` accepts and repairs far more. */

export interface GoUrl {
  /** Scheme in lower case; empty if absent. */
  readonly scheme: string;
  /** `host` or `host:port` as written, without user information; empty if absent. */
  readonly host: string;
  /** Path without escapes. */
  readonly path: string;
  /** Content after the scheme if no slash follows it, as in `mailto:a@b`; host and path are empty then. */
  readonly opaque: string;
}

// Characters that Go accepts unescaped in a host, including all bytes above ASCII.
const hostCharacters = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]|[^\x00-\x7f])*$/;
const userCharacters = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

/**
 * Parses a URL; null for what Go's `url.Parse` rejects. It drops query and fragment, which no endpoint has.
 */
export function parseGoUrl(text: string): GoUrl | null {
  if (/[\x00-\x1f\x7f]/.test(text)) return null;
  const bare = text.replace(/#.*$/s, '');
  const [, scheme = '', afterScheme = bare] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(bare) ?? [];
  if (scheme === '' && bare.startsWith(':')) return null;
  const rest = afterScheme.replace(/\?.*$/s, '');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme: scheme.toLowerCase(), host: '', path: '', opaque: rest };
    // Go rejects this: "first path segment in URL cannot contain colon".
    if (/^[^/]*:/.test(rest)) return null;
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0;
  const host = hasAuthority ? parseAuthority(rest.slice(2, slash < 0 ? undefined : slash)) : '';
  const path = unescape(slash < 0 ? '' : rest.slice(slash));
  return host === null || path === null ? null : { scheme: scheme.toLowerCase(), host, path, opaque: '' };
}

function parseAuthority(authority: string): string | null {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !userCharacters.test(authority.slice(0, at))) return null;
  const host = authority.slice(at + 1);
  const colon = host.startsWith('[') ? host.lastIndexOf(']') + 1 : host.lastIndexOf(':');
  if (host.startsWith('[') && colon === 0) return null;
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) return null;
  // Go accepts escapes in a host only for IPv6 zones, which no registry has, so all escapes are rejected
  // here.
  return hostCharacters.test(host) ? host : null;
}

function unescape(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
