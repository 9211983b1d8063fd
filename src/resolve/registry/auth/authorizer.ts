/**
 * Authentication: sends requests and answers challenges of the endpoint's own host only. It caches accepted values, so that a
 * repeated query needs one request.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { clean } from '../../../util/text/text.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { basicAuthorization } from './basic.ts';
import { discard } from '../response/body.ts';
import { byPreference, type Challenge, parseChallenges } from './challenge.ts';
import type { Route } from '../transport/dispatchers.ts';
import { RegistryError } from '../error.ts';
import type { AttemptContext, RequestTally } from '../registry.ts';
import type { Reply } from '../response/reply.ts';
import type { Counter, Exchange, Outgoing } from '../request.ts';
import type { SentSecrets } from './sent-secrets.ts';
import { fetchToken, type Token, type TokenRequest, tokenRequest } from './token.ts';

// 8: the kubelet tries all that match, but a pod's author writes the pull secrets, so Pratique limits their number.
const maxCandidates = 8;
const maxCached = 10_000;
// Ten minutes: Basic credentials do not expire, so this limits how long a replaced one is still tried first.
const basicLifeMs = 10 * 60_000;

interface Authorization {
  readonly value: string;
  readonly lifeMs: number;
  /** True if the value came from the cache: it may have been revoked since, so a 401 is not final. */
  readonly cached: boolean;
  /** Cache key of the token; null if the value is not a cached token. */
  readonly key: string | null;
}

/** An `Authorization` that an endpoint accepted, and the source of its credential; null if anonymous or unknown. */
interface Accepted {
  readonly value: string;
  readonly source: string | null;
}

/** One request to one endpoint for one caller. */
interface AuthorizedRequest {
  readonly endpoint: Endpoint;
  readonly route: Route;
  readonly outgoing: Outgoing;
  readonly context: AttemptContext;
}

export class Authorizer {
  readonly #exchange: Exchange;
  readonly #userAgent: string;
  /** `Authorization` by realm, service, scopes and credential, for the life of the token. */
  readonly #tokens = new LRUCache<string, string>({ max: maxCached, ttlAutopurge: false });
  /** The last accepted `Authorization` by endpoint, repository and caller. */
  readonly #accepted = new LRUCache<string, Accepted>({ max: maxCached, ttlAutopurge: false });
  readonly #secrets: SentSecrets;

  constructor(exchange: Exchange, userAgent: string, secrets: SentSecrets) {
    this.#exchange = exchange;
    this.#userAgent = userAgent;
    this.#secrets = secrets;
  }

  /** Sends a request and authenticates if the endpoint demands it. The response may have any status. Throws `RegistryError`. */
  async send(request: AuthorizedRequest): Promise<Reply> {
    const key = acceptedKey(request);
    const accepted = this.#accepted.get(key);
    const reply = await this.#send(request, accepted?.value);
    if (!isUnauthorized(reply)) {
      noteSource(request, accepted?.source ?? null);
      return reply;
    }
    this.#accepted.delete(key);
    const challenge = byPreference(parseChallenges(challengeLines(reply))).find(canAnswer);
    if (!challenge) return reply;
    const candidates = usable(
      challenge,
      (await request.context.credentials(request.endpoint)).slice(0, maxCandidates),
    );
    if (candidates.length === 0) return reply;
    await discard(reply);
    return this.#tryAll(request, challenge, candidates, accepted?.value);
  }

  /** Authenticates once for each candidate until one finds the image, and returns the last response. */
  async #tryAll(
    request: AuthorizedRequest,
    challenge: Challenge,
    [credential = null, ...others]: readonly (Credential | null)[],
    refused: string | undefined,
  ): Promise<Reply> {
    const last = others.length === 0;
    try {
      const reply = await this.#round(request, challenge, credential, refused);
      // Some registries answer 404 for images that the credential may not see. A redirect means that it was accepted.
      if (last || reply.foreign || ![401, 403, 404].includes(reply.status)) return reply;
      await discard(reply);
    } catch (error) {
      if (last || !(error instanceof RegistryError) || error.code !== 'denied') throw error;
    }
    return this.#tryAll(request, challenge, others, refused);
  }

  async #round(
    request: AuthorizedRequest,
    challenge: Challenge,
    credential: Credential | null,
    refused: string | undefined,
  ): Promise<Reply> {
    noteSource(request, credential?.source ?? null);
    if (credential) this.#secrets.addCredential(secretsOrigin(request.endpoint.url), credential);
    let authorization = await this.#authorization(request, challenge, credential, refused);
    let reply = await this.#send(request, authorization.value);
    if (isUnauthorized(reply) && authorization.cached) {
      await discard(reply);
      authorization = await this.#authorization(request, challenge, credential, authorization.value);
      reply = await this.#send(request, authorization.value);
    }
    const { value, lifeMs: ttl, key } = authorization;
    if (isUnauthorized(reply) && key !== null) this.#tokens.delete(key);
    if (reply.status !== 401 && reply.status !== 403) {
      this.#accepted.set(acceptedKey(request), { value, source: credential?.source ?? null }, { ttl });
    }
    return reply;
  }

  /**
   * Returns a value for `Authorization`. `refused` is a value that the endpoint has just refused, so the cache must not return
   * it again.
   */
  async #authorization(
    { endpoint, route, context }: AuthorizedRequest,
    challenge: Challenge,
    credential: Credential | null,
    refused: string | undefined,
  ): Promise<Authorization> {
    if (challenge.scheme === 'basic' && credential)
      return { value: basicAuthorization(credential), lifeMs: basicLifeMs, cached: false, key: null };
    if (credential?.registryToken)
      return { value: `Bearer ${credential.registryToken}`, lifeMs: basicLifeMs, cached: false, key: null };
    const request = tokenRequest(challenge, endpoint.repository, route.origin, context.scopeRule);
    const key = tokenKey(request, credential);
    const known = this.#tokens.get(key);
    if (known !== undefined && known !== refused)
      return { value: known, lifeMs: this.#tokens.getRemainingTTL(key), cached: true, key };
    const exchange = (outgoing: Outgoing): Promise<Reply> =>
      this.#exchange(outgoing, route, context.signal, tokenCounter(context.tally));
    const fetch = (each: TokenRequest): Promise<Token> =>
      fetchToken(each, credential, this.#userAgent, exchange, context.signal);
    const single = tokenRequest(challenge, endpoint.repository, route.origin);
    const token = await fetch(request).catch(async (error: unknown): Promise<never> => {
      if (!isDenied(error) || request.scopes.length === single.scopes.length) throw error;
      // A second request shows whether the credential or the union of scopes was refused.
      await fetch(single);
      throw new RegistryError('malformed', unionRefused(route.origin, request), {
        reason: 'ScopeUnion',
        status: error.status,
      });
    });
    this.#tokens.set(key, token.authorization, { ttl: token.lifeMs });
    return { value: token.authorization, lifeMs: token.lifeMs, cached: false, key };
  }

  #send({ endpoint, outgoing, route, context }: AuthorizedRequest, authorization?: string): Promise<Reply> {
    const { privateHeaders, ...rest } = outgoing;
    const headers = authorization === undefined ? privateHeaders : { ...privateHeaders, authorization };
    for (const value of Object.values(headers).flat()) {
      this.#secrets.addAuthorization(secretsOrigin(endpoint.url), value);
    }
    return this.#exchange(
      { ...rest, privateHeaders: headers },
      route,
      context.signal,
      requestCounter(context.tally),
    );
  }
}

/** Returns the key under which an endpoint's secrets are recorded: its host, the same for https and http. */
export function secretsOrigin(url: string): string {
  return new URL(url).host;
}

function noteSource({ context }: AuthorizedRequest, source: string | null): void {
  if (source !== null) context.tally.credentialSources.add(source);
}

function isDenied(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.code === 'denied';
}

function unionRefused(origin: string, { scopes }: TokenRequest): string {
  return `${origin} issues no token for several scopes at once (${clean(scopes.join(' '))}), which containerd requests from a mirror with a path`;
}

/** Returns true for a 401 of the endpoint itself. Challenges of a host that it redirected to are never answered. */
function isUnauthorized({ status, foreign }: Reply): boolean {
  return status === 401 && !foreign;
}

function canAnswer(challenge: Challenge): boolean {
  return challenge.scheme === 'bearer' || challenge.scheme === 'basic';
}

/** Returns the credentials that the scheme can carry; null is anonymous, which only a token request allows. */
function usable(challenge: Challenge, credentials: readonly Credential[]): readonly (Credential | null)[] {
  if (challenge.scheme === 'basic') return credentials.filter(({ username }) => username !== '');
  return credentials.length > 0 ? credentials : [null];
}

function challengeLines(reply: Reply): readonly string[] {
  const lines = reply.headers['www-authenticate'];
  return typeof lines === 'string' ? [lines] : (lines ?? []);
}

// The endpoint's own credential is part of the key, because two node groups may use the same mirror with different ones. The
// namespace is part of it too, because one repository of a mirror may represent those of several registries.
function acceptedKey({ endpoint, context }: AuthorizedRequest): string {
  return JSON.stringify([
    endpoint.url,
    endpoint.repository,
    endpoint.namespace,
    context.credentialsId,
    fingerprint(endpoint.credential),
  ]);
}

function tokenKey({ realm, service, scopes }: TokenRequest, credential: Credential | null): string {
  return JSON.stringify([realm.href, service, scopes, fingerprint(credential)]);
}

function fingerprint(credential: Credential | null): string {
  if (!credential) return '';
  const { username, password, identityToken, registryToken } = credential;
  return hash('sha256', JSON.stringify([username, password, identityToken, registryToken]));
}

/** Returns a counter of the requests to an endpoint, without token requests. */
export function requestCounter(tally: RequestTally): Counter {
  return {
    sent: () => void tally.requests++,
    answered: (status) => void (tally.status = status),
  };
}

function tokenCounter(tally: RequestTally): Counter {
  return {
    sent: () => void tally.tokenRequests++,
    answered: (status) => void (tally.status = status),
  };
}
