/**
 * Validation of the entries of `registry-mirrors`, and their URLs as dockerd uses them (moby `ValidateMirror`,
 * `lookupV2Endpoints`).
 */
import { DocumentError } from '../../../document/document-error.ts';
import { parseGoUrl } from '../../../util/text/go-url.ts';

/** Returns the normalised URL, with a trailing slash. Throws `DocumentError`. */
export function validateMirror(entry: string): string {
  if (entry.indexOf('://') <= 0) throw invalid(`mirror "${entry}" has no scheme; write https://${entry}`);
  const url = parseGoUrl(entry);
  if (url === null) throw invalid(`mirror "${entry}" is not a valid URL`);
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    throw invalid(`mirror "${entry}": scheme "${url.scheme}" is not supported; use https:// or http://`);
  }
  // The message does not repeat the entry, which may contain a password.
  if (/^[^/]*\/\/[^/?#]*@/.test(entry))
    throw invalid('a mirror must not contain user name or password; use docker login');
  // dockerd accepts a bare ? or # at the end.
  if (/^[^?#]*(?:\?[^#]|[^#]*#.)/s.test(entry)) {
    throw invalid(`mirror "${entry}" must not end in a query or fragment`);
  }
  return `${entry.replace(/\/$/, '')}/`;
}

/** Returns true for a registry of protocol version 1, which dockerd no longer supports. */
export function isProtocolV1(mirror: string): boolean {
  return /\/v1\/*$/.test(mirror);
}

/**
 * Returns the URL that dockerd contacts. dockerd recognises lower-case schemes only, so `HTTP://m` becomes `https://HTTP://m`.
 */
export function mirrorRoot(mirror: string): string {
  return /^https?:\/\//.test(mirror) ? mirror : `https://${mirror}`;
}

/** Returns the `host:port` by which `insecure-registries` and `certs.d` know the mirror; '' if it has none. */
export function mirrorHost(mirror: string): string {
  return parseGoUrl(mirrorRoot(mirror))?.host ?? '';
}

/** Returns the mirror's API root without bare query and fragment marks. */
export function mirrorApiRoot(mirror: string): string {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#]*)([^?#]*)/.exec(mirrorRoot(mirror)) ?? [];
  return `${origin}${path.replace(/\/$/, '')}/v2`;
}

/**
 * Returns true if a request can be made to `url`, which belongs to the mirror. dockerd checks neither for a missing host nor
 * for a port above 65535.
 */
export function isReachable(mirror: string, url: string): boolean {
  return mirrorHost(mirror) !== '' && URL.canParse(url);
}

function invalid(message: string): DocumentError {
  return new DocumentError('INVALID', message);
}
