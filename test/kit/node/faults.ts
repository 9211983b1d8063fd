/** What can be wrong with a registry, or asked of its clients, for hosts of `virtual-registries.ts`. */
import type { Asked, Fault, Reply } from './virtual-registries.ts';

const isManifest = ({ kind }: Asked) => kind === 'manifests';
const isDigest = (key: string) => key.startsWith('sha256:');

/** Every manifest is answered by this status. */
export function answersWith(status: number, body = ''): Fault {
  return (asked) => (isManifest(asked) ? { status, body } : null);
}

/** Manifests have another Content-Type; null: none. */
export function contentType(type: string | null): Fault {
  return (asked, good) => (isManifest(asked) && good.status === 200 ? withType(good, type) : null);
}

function withType({ headers, ...good }: Reply, type: string | null): Reply {
  return { ...good, headers: { ...headers, 'content-type': type ?? '' } };
}

/** A tag's answer carries this Docker-Content-Digest. */
export function digestHeader(text: string): Fault {
  return (asked, good) =>
    isManifest(asked) && !isDigest(asked.key) && good.status === 200
      ? { ...good, headers: { ...good.headers, 'docker-content-digest': text } }
      : null;
}

/** Knows tags and not what they mean: 404 to every digest of a manifest. */
export const forgetsDigests: Fault = ({ kind, key }) =>
  kind === 'manifests' && isDigest(key) ? { status: 404 } : null;

/** HEAD of a manifest is answered by `status`, GET as usual. */
export function headAnswers(status: number): Fault {
  return (asked) => (isManifest(asked) && asked.method === 'HEAD' ? { status } : null);
}

/** Everything is somewhere else. */
export function redirectsTo(origin: string, status = 307): Fault {
  return ({ path, kind }) => (kind === null ? null : { status, headers: { location: origin + path } });
}

/** A page for people, where a manifest was asked for. */
export const servesHtml: Fault = (asked) =>
  isManifest(asked)
    ? {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html><body>Please log in</body></html>',
      }
    : null;

/** Basic authentication for everything. */
export function wantsBasic(user: string, password: string): Fault {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return ({ authorization }) =>
    authorization === expected
      ? null
      : { status: 401, headers: { 'www-authenticate': 'Basic realm="here"' }, body: unauthorized };
}

const unauthorized = JSON.stringify({
  errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }],
});

/**
 * Bearer tokens of this host's own `/token`, which answers with `members` beside the token; null members leave one out.
 * `user:password` is wanted for a token where it is given.
 */
export function wantsToken(members: object = {}, login?: string): Fault {
  const expected = login === undefined ? null : `Basic ${Buffer.from(login).toString('base64')}`;
  return ({ path, authorization, origin, repository }) => {
    if (path === '/token') {
      if (expected !== null && authorization !== expected) return { status: 401, body: unauthorized };
      return { status: 200, body: JSON.stringify({ token: 'a-token', ...members }) };
    }
    if (authorization === 'Bearer a-token') return null;
    const scope = repository === '' ? '' : `,scope="repository:${repository}:pull"`;
    const challenge = `Bearer realm="${origin}/token",service="registry"${scope}`;
    return { status: 401, headers: { 'www-authenticate': challenge }, body: unauthorized };
  };
}

/** Takes one scope for a token, and refuses the union of two. */
export function takesOneScope(): Fault {
  return ({ path, query }) =>
    path === '/token' && query.getAll('scope').flatMap((scope) => scope.split(' ')).length > 1
      ? { status: 403, body: unauthorized }
      : null;
}
