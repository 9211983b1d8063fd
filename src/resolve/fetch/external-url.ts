/** External URLs of a descriptor as containerd asks them. */

export interface ExternalUrl {
  readonly url: URL;
  /** The path asked for is not the one written: containerd decodes it, and so does the node. */
  readonly isDecoded: boolean;
}

/** null for what containerd passes over: other schemes, and what is not a URL. */
export function externalUrl(text: string): ExternalUrl | null {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') return null;
  const asked = URL.parse(`${url.origin}${decoded(url.pathname)}${url.search}`);
  if (!asked || asked.origin !== url.origin) return null;
  return { url: asked, isDecoded: asked.pathname !== url.pathname || asked.search !== url.search };
}

function decoded(path: string): string {
  try {
    // A fragment would cut what the server sees; Go writes it as an escape again.
    return decodeURIComponent(path).replaceAll('#', '%23');
  } catch {
    return path;
  }
}
