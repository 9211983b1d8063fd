/** `registry-mirrors` entries as dockerd checks and uses them (moby `ValidateMirror`, `lookupV2Endpoints`). */
import { parseGoUrl } from '../../../util/text/go-url.ts';
import { InvalidSetting } from '../invalid-setting.ts';

/** The normalised URL, with a trailing slash. Throws an `InvalidSetting` that says what is wrong with the entry. */
export function validateMirror(entry: string): string {
  if (entry.indexOf('://') <= 0)
    throw new InvalidSetting(`mirror "${entry}" has no scheme; write https://${entry}`);
  const url = parseGoUrl(entry);
  if (url === null) throw new InvalidSetting(`mirror "${entry}" is not a valid URL`);
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    throw new InvalidSetting(
      `mirror "${entry}": scheme "${url.scheme}" is not supported; use https:// or http://`,
    );
  }
  // The entry is not repeated where it may hold a password.
  if (/^[^/]*\/\/[^/?#]*@/.test(entry))
    throw new InvalidSetting('a mirror must not contain user name or password; use docker login');
  // A bare ? or # at the end passes.
  if (/^[^?#]*(?:\?[^#]|[^#]*#.)/s.test(entry)) {
    throw new InvalidSetting(`mirror "${entry}" must not end in a query or fragment`);
  }
  return `${entry.replace(/\/$/, '')}/`;
}

/** Is it a registry of protocol version 1, which nothing speaks any longer? */
export function isProtocolV1(mirror: string): boolean {
  return /\/v1\/*$/.test(mirror);
}

/** The URL that is really asked: dockerd looks for lower-case schemes only, so `HTTP://m` becomes `https://HTTP://m`. */
export function mirrorRoot(mirror: string): string {
  return /^https?:\/\//.test(mirror) ? mirror : `https://${mirror}`;
}

/** `host:port` by which `insecure-registries` and `certs.d` know the mirror; empty when there is none. */
export function mirrorHost(mirror: string): string {
  return parseGoUrl(mirrorRoot(mirror))?.host ?? '';
}

/** The API root below it, as a URL joiner gives it: bare query and fragment marks are dropped. */
export function mirrorApiRoot(mirror: string): string {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#]*)([^?#]*)/.exec(mirrorRoot(mirror)) ?? [];
  return `${origin}${path.replace(/\/$/, '')}/v2`;
}

/** Can any request be made to `url`, which the mirror led to? dockerd checks neither for a host nor for a port beyond 65535. */
export function isReachable(mirror: string, url: string): boolean {
  return mirrorHost(mirror) !== '' && URL.canParse(url);
}
