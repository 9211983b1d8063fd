/** What a request to a registry is about. */

export interface Question {
  readonly kind: 'ping' | 'manifest' | 'blob' | 'token' | 'other';
  /** Everything between `/v2/` and the kind: with a path in the configuration it is longer than the image's own. */
  readonly repository: string;
  /** Tag or digest. */
  readonly key: string;
  /** Value of `ns=`, null without. */
  readonly namespace: string | null;
  /** Path up to the kind, and the namespace: where the endpoint was asked. */
  readonly where: string;
}

const route = /^(?<root>.*?\/v2)\/(?:(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<key>[^/]+))?$/;

export function questionOf(target: string): Question {
  const url = new URL(target, 'http://registry');
  const namespace = url.searchParams.get('ns');
  const { root = '', repository = '', kind, key = '' } = route.exec(url.pathname)?.groups ?? {};
  const where = `${root}/${repository}${namespace === null ? '' : `?ns=${namespace}`}`;
  return { kind: kindOf(url.pathname, root, kind), repository, key, namespace, where };
}

function kindOf(path: string, root: string, kind: string | undefined): Question['kind'] {
  if (kind === 'manifests') return 'manifest';
  if (kind === 'blobs') return 'blob';
  if (path.endsWith('/token')) return 'token';
  return root === '' ? 'other' : 'ping';
}
