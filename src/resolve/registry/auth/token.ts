/** Bearer tokens from a challenge's realm: builds the GET or POST request and parses the response. The module is stateless. */
import { clean } from '../../../util/text/text.ts';
import type { Credential } from '../../credentials/credential.ts';
import { basicAuthorization } from './basic.ts';
import { discard, readBody } from '../response/body.ts';
import type { Challenge } from './challenge.ts';
import { RegistryError } from '../error.ts';
import type { Reply } from '../response/reply.ts';
import type { Headers, Outgoing } from '../request.ts';
import type { ScopeRule } from '../registry.ts';
import { scopesFor } from './scope.ts';
import { statusFailure } from '../response/status.ts';

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string;
  readonly scopes: readonly string[];
}

export interface Token {
  /** Value of the header `Authorization`. */
  readonly authorization: string;
  readonly lifeMs: number;
}

const maxBodyBytes = 64 * 1024;
// The token specification's default is 60 s; the margin covers clock skew and the duration of the request.
const defaultLifeSeconds = 60;
const maxLifeSeconds = 3600;
const margin = 0.9;
// Statuses by which registries show that they do not support the OAuth2 POST: 404 GCR, 405 most, 401 Artifactory, 400 ACR
// (containerd's list).
const noPost: ReadonlySet<number> = new Set([400, 401, 404, 405]);

/**
 * Builds the token request of a challenge. Throws `malformed` for a realm that is not an http URL, and for a plain http realm
 * of a registry that uses https.
 */
export function tokenRequest(
  challenge: Challenge,
  repository: string,
  origin: string,
  scopeRule: ScopeRule = 'challenge',
): TokenRequest {
  const text = challenge.params.get('realm') ?? '';
  const realm = URL.parse(text);
  if (!realm || (realm.protocol !== 'https:' && realm.protocol !== 'http:'))
    throw badRealm(`${origin} names the token realm "${clean(text)}", which is not an http URL`);
  if (origin.startsWith('https:') && realm.protocol === 'http:')
    throw badRealm(
      `the registry ${origin} names an http token address (${clean(realm.origin)}); set its external URL to https`,
    );
  return {
    realm,
    service: challenge.params.get('service') ?? '',
    scopes: scopesFor(challenge.params.get('scope'), repository, scopeRule),
  };
}

/** Requests one token. Throws `RegistryError`; `denied` if the realm refuses the credential. */
export async function fetchToken(
  request: TokenRequest,
  credential: Credential | null,
  userAgent: string,
  exchange: (outgoing: Outgoing) => Promise<Reply>,
  signal: AbortSignal,
): Promise<Token> {
  const headers: Headers = {
    'user-agent': userAgent,
    accept: 'application/json',
    'accept-encoding': 'identity',
  };
  let reply: Reply | null = null;
  if (credential?.identityToken) {
    reply = await exchange(postRequest(request, credential.identityToken, headers));
    if (noPost.has(reply.status)) {
      await discard(reply);
      reply = null;
    }
  }
  reply ??= await exchange(getRequest(request, credential, headers));
  if (reply.status < 200 || reply.status > 299) throw await tokenFailure(reply);
  return parseToken(await readBody(reply, maxBodyBytes, signal), reply.where);
}

function getRequest(request: TokenRequest, credential: Credential | null, headers: Headers): Outgoing {
  const url = new URL(request.realm);
  if (request.service !== '') url.searchParams.set('service', request.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  const privateHeaders: Headers = credential ? { authorization: basicAuthorization(credential) } : {};
  return { method: 'GET', url, headers, privateHeaders };
}

function postRequest(request: TokenRequest, refreshToken: string, headers: Headers): Outgoing {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: request.service,
    // Refresh tokens come from `docker login`, and a token server may bind them to that client.
    client_id: 'docker',
    scope: request.scopes.join(' '),
    refresh_token: refreshToken,
  });
  return {
    method: 'POST',
    url: request.realm,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    privateHeaders: {},
    body: form.toString(),
  };
}

// Go's time.Time is RFC 3339 with a zone.
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads `token` or `access_token`, and `expires_in`. A member of a type that Go's decoders reject is an error, because every
 * runtime then leaves the endpoint. `issued_at` is a time on the server's clock and not used.
 */
export function parseToken(body: Uint8Array, where: string): Token {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw badToken(`${where}: the token answer is not JSON`, cause);
  }
  const { token, access_token, expires_in, issued_at } = Object(answer) as Record<string, unknown>;
  const odd = oddMember({ token, access_token, expires_in, issued_at });
  if (odd !== null) throw badToken(`${where}: "${odd}" in the token answer has a type that no node accepts`);
  const value = [token, access_token].find((each) => typeof each === 'string' && each !== '');
  if (typeof value !== 'string') throw badToken(`${where}: the token answer has no token`);
  // The token becomes the value of a header.
  if (!/^[\x21-\x7e]+$/.test(value))
    throw badToken(`${where}: the token has characters that no header can carry`);
  const life = typeof expires_in === 'number' && expires_in > 0 ? expires_in : defaultLifeSeconds;
  return { authorization: `Bearer ${value}`, lifeMs: Math.min(life, maxLifeSeconds) * margin * 1000 };
}

interface TokenMembers {
  readonly token: unknown;
  readonly access_token: unknown;
  readonly expires_in: unknown;
  readonly issued_at: unknown;
}

/** Returns the name of a member that Go's decoder rejects; null if there is none. A null member counts as absent. */
function oddMember({ token, access_token, expires_in, issued_at }: TokenMembers): string | null {
  const isText = (value: unknown): boolean => typeof (value ?? '') === 'string';
  if (!isText(token)) return 'token';
  if (!isText(access_token)) return 'access_token';
  if (!Number.isSafeInteger(expires_in ?? 0)) return 'expires_in';
  const issued = issued_at ?? null;
  return issued === null || (typeof issued === 'string' && timestamp.test(issued)) ? null : 'issued_at';
}

/**
 * Maps 400, 401 and 403 to `denied`, because they concern the credential or the scope. Other statuses are failures of the
 * server.
 */
async function tokenFailure(reply: Reply): Promise<RegistryError> {
  const failure = await statusFailure(reply);
  const { status, retryAfterMs } = failure;
  const denied = [400, 401, 403].includes(reply.status);
  const code = denied ? 'denied' : failure.code === 'not-found' ? 'malformed' : failure.code;
  return new RegistryError(code, `no token: ${failure.message}`, { reason: 'Token', status, retryAfterMs });
}

function badRealm(message: string): RegistryError {
  return new RegistryError('malformed', message, { reason: 'Realm', status: 401 });
}

function badToken(message: string, cause?: unknown): RegistryError {
  return new RegistryError('malformed', message, { reason: 'Token', cause });
}
