/**
 * Target of a request as dockerd's router reads it: an optional version, followed by a path, which is decoded
 * once. Methods are not checked here.
 */

/** Highest and lowest version that is served; the OpenAPI document has them too. */
export const maxApiVersion = '1.51';
export const minApiVersion = '1.24';
/** Version that added the look-up of an image. */
const distributionApiVersion = '1.30';
/** Clients below this version expect errors as plain text. */
const jsonErrorsApiVersion = '1.24';

export type RequestTarget =
  | { readonly kind: 'malformed'; readonly escape: string }
  /**
   * Path outside the API. This includes `//`, `.` and `..`, which dockerd answers with a redirect that no
   * client follows.
   */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly version: string | null; readonly route: EngineRoute };

export type EngineRoute =
  | { readonly kind: 'ping' | 'version' | 'document' }
  | { readonly kind: 'distribution'; readonly name: string }
  /** Any other path, for which only OPTIONS is answered. */
  | { readonly kind: 'other' };

/** Parses `url` as it is written in the request line. */
export function parseRequestTarget(url: string): RequestTarget {
  const [path = ''] = url.split(/[?#]/, 1);
  if (path === '*') return { kind: 'known', version: null, route: { kind: 'other' } };
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path);
  if (escape) return { kind: 'malformed', escape: escape[0] };
  const decoded = decodeOnce(path);
  if (!isClean(decoded)) return { kind: 'unknown' };
  const [, version = null, rest = decoded] = /^\/v([0-9.]+)(\/[^\n]*)$/.exec(decoded) ?? [];
  const route = routeOf(rest);
  // A version may precede only paths of dockerd's API, to which the OpenAPI document does not belong.
  return route.kind === 'document' && version !== null
    ? { kind: 'unknown' }
    : { kind: 'known', version, route };
}

/** Returns dockerd's message if `version` is not served on this route; null if it is. */
export function versionProblem(version: string, route: EngineRoute): string | null {
  if (compareVersions(version, minApiVersion) < 0) {
    return `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`;
  }
  if (compareVersions(version, maxApiVersion) > 0) {
    return `client version ${version} is too new. Maximum supported API version is ${maxApiVersion}`;
  }
  if (route.kind === 'distribution' && compareVersions(version, distributionApiVersion) < 0) {
    return `GET /distribution/{name:.*}/json requires minimum API version ${distributionApiVersion}`;
  }
  return null;
}

/** Returns true if a client of this version expects errors in JSON. */
export function readsJsonErrors(version: string | null): boolean {
  return version === null || compareVersions(version, jsonErrorsApiVersion) >= 0;
}

function routeOf(path: string): EngineRoute {
  switch (path) {
    case '/_ping':
      return { kind: 'ping' };
    case '/version':
      return { kind: 'version' };
    case '/openapi.yaml':
      return { kind: 'document' };
    default: {
      // Go's `.` matches every character except a line feed.
      const name = /^\/distribution\/([^\n]*)\/json$/.exec(path)?.[1];
      return name === undefined ? { kind: 'other' } : { kind: 'distribution', name };
    }
  }
}

/** Decodes a path once. Bytes that are not UTF-8 become U+FFFD, which no image name contains. */
function decodeOnce(path: string): string {
  if (!path.includes('%')) return path;
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function isClean(path: string): boolean {
  return path.startsWith('/') && !/\/(?:\/|\.{1,2}(?:\/|$))/.test(path);
}

/**
 * Compares versions number by number, as moby's `versions.Compare` does: `1.044` equals 1.44, and a missing
 * part counts as 0.
 */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let index = 0; index < length; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
