/** External URLs of a descriptor, in the form in which containerd requests them. */

export interface ExternalUrl {
  readonly url: URL;
  /** True if the requested URL differs from the written one, because containerd decodes the path. */
  readonly isDecoded: boolean;
}

/** Returns null for a text that containerd ignores: another scheme, or not a URL. */
export function externalUrl(text: string): ExternalUrl | null {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') return null;
  const requested = URL.parse(`${url.origin}${decoded(url.pathname)}${url.search}`);
  if (!requested || requested.origin !== url.origin) return null;
  return {
    url: requested,
    isDecoded: requested.pathname !== url.pathname || requested.search !== url.search,
  };
}

function decoded(path: string): string {
  try {
    // An unescaped # would start a fragment and truncate the path. Go escapes it again.
    return decodeURIComponent(path).replaceAll('#', '%23');
  } catch {
    return path;
  }
}
