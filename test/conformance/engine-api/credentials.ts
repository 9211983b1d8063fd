/** Which credentials the registries and the token server saw, against what a case wants of them. */
import type { EngineServer } from '../../kit/engine-api/engine-server.ts';
import type { Recorded } from '../../kit/fakes/scripted-registry.ts';
import type { EngineCase } from './case.ts';

/** Returns null if the credentials are as wanted. */
export function credentialProblem(wanted: string, vector: EngineCase, server: EngineServer): string | null {
  const { token, hub } = server.requests;
  const [, bearer] = /^Authorization: Bearer (\S+?), no token request$/.exec(wanted) ?? [];
  if (bearer !== undefined) {
    const isSent = hub.some(({ headers }) => headers.authorization === `Bearer ${bearer}`);
    return isSent && token.length === 0 ? null : `${token.length} token requests, hub ${authorizations(hub)}`;
  }
  if (wanted.startsWith('none')) {
    const given = [...token, ...hub].filter(({ headers }) => headers.authorization?.startsWith('Basic'));
    return given.length === 0 && token.every(({ method }) => method === 'GET')
      ? null
      : `credentials were sent: ${authorizations(given)}`;
  }
  if (wanted.startsWith('refresh token')) return refreshProblem(wanted, vector, token);
  const [, user, password] = /^([^:\s]+):(\S+)/.exec(wanted) ?? [];
  if (user === undefined) return `not understood: credentials "${wanted}"`;
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const asked = token.length > 0 ? token : hub.slice(-1);
  return asked.length > 0 && asked.every(({ headers }) => headers.authorization === basic)
    ? null
    : `credentials ${authorizations(asked)}`;
}

/** Returns null if every token was requested for exactly this scope. */
export function scopeProblem(wanted: string, { requests }: EngineServer): string | null {
  const scopes = requests.token.map(({ method, url, body }) =>
    (method === 'POST' ? new URLSearchParams(body) : new URL(url, 'http://token').searchParams).getAll(
      'scope',
    ),
  );
  return scopes.every((each) => each.join() === wanted) ? null : `scopes ${scopes.join(' ')}`;
}

/**
 * Returns null if nothing of the caller's credential came to the mirror, or to a token server on its behalf. An anonymous token is no
 * credential: public mirrors hand them out to everybody, and only with one do they say what they hold.
 */
export function mirrorProblem(vector: EngineCase, { requests }: EngineServer): string | null {
  const forMirror = requests.token.filter(({ url, body }) => `${url}${body}`.includes('MIRROR'));
  const seen = [...requests.mirror, ...forMirror];
  const basic = seen.filter(({ headers }) => headers.authorization?.startsWith('Basic'));
  const secrets = Object.values(callerCredential(vector));
  const leaks = seen.filter((request) =>
    secrets.some((secret) => JSON.stringify([request.url, request.body, request.headers]).includes(secret)),
  );
  if (basic.length > 0 || forMirror.some(({ method }) => method !== 'GET')) {
    return `the mirror got ${authorizations(basic)}`;
  }
  return leaks.length === 0 ? null : 'the mirror got a part of the credential';
}

function refreshProblem(wanted: string, vector: EngineCase, token: readonly Recorded[]): string | null {
  const fixed = [...wanted.matchAll(/(\w+)=(\w+)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  const refresh = callerCredential(vector)['identitytoken'] ?? '';
  const wrong = token.filter(({ method, body, headers }) => {
    const form = new URLSearchParams(body);
    const isComplete = ['service', 'scope'].every((name) => form.get(name));
    const isFixed = [...fixed, ['refresh_token', refresh] as const].every(
      ([name, value]) => form.get(name) === value,
    );
    return method !== 'POST' || headers.authorization !== undefined || !isComplete || !isFixed;
  });
  return token.length > 0 && wrong.length === 0 ? null : `token requests ${JSON.stringify(token)}`;
}

/** What the header holds that is secret. */
function callerCredential({ request }: EngineCase): Readonly<Record<string, string>> {
  const header = request?.headers?.['x-registry-auth'] ?? '';
  const {
    serveraddress: _server,
    username: _user,
    ...secrets
  } = JSON.parse(Buffer.from(header, 'base64url').toString() || '{}') as Record<string, string>;
  return secrets;
}

function authorizations(requests: readonly Recorded[]): string {
  return JSON.stringify(
    requests.map(({ method, url, headers }) => `${method} ${url} ${headers.authorization}`),
  );
}
