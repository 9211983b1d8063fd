/** The target of a request as dockerd's router reads it: an optional version, then a path. Decoded once; knows nothing of methods. */

/** Greatest and smallest version that is served; also in the OpenAPI document. */
export const maxApiVersion = '1.51';
export const minApiVersion = '1.24';
/** The look-up of an image came with this version. */
const distributionApiVersion = '1.30';
/** Clients below this version read errors as plain text. */
const jsonErrorsApiVersion = '1.24';

export type RequestTarget =
  | { readonly kind: 'malformed'; readonly escape: string }
  /** No path of the API: also `//`, `.` and `..`, which dockerd answers with a redirect that no client follows. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly version: string | null; readonly route: EngineRoute };

export type EngineRoute =
  | { readonly kind: 'ping' | 'version' | 'document' }
  | { readonly kind: 'distribution'; readonly name: string }
  /** Any other path: only OPTIONS is answered there. */
  | { readonly kind: 'other' };

/** `url` as it stands in the request line. */
export function parseRequestTarget(url: string): RequestTarget {
  const [path = ''] = url.split(/[?#]/, 1);
  if (path === '*') return { kind: 'known', version: null, route: { kind: 'other' } };
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path);
  if (escape) return { kind: 'malformed', escape: escape[0] };
  const decoded = decodeOnce(path);
  if (!isClean(decoded)) return { kind: 'unknown' };
  const [, version = null, rest = decoded] = /^\/v([0-9.]+)(\/[^\n]*)$/.exec(decoded) ?? [];
  const route = routeOf(rest);
  // A version stands before paths of dockerd's API only, to which the document does not belong.
  return route.kind === 'document' && version !== null
    ? { kind: 'unknown' }
    : { kind: 'known', version, route };
}

/** Returns dockerd's words if `version` is not served on this route, null if it is. */
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

/** Does a client of this version read errors in JSON? */
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
      // Go's `.` stops at a line feed and at nothing else.
      const name = /^\/distribution\/([^\n]*)\/json$/.exec(path)?.[1];
      return name === undefined ? { kind: 'other' } : { kind: 'distribution', name };
    }
  }
}

/** Bytes that are not UTF-8 become U+FFFD, which no name of an image has. */
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

/** Number by number, as `versions.Compare` of moby: `1.044` is 1.44, and what is missing is 0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let index = 0; index < length; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
