/** Sends requests and answers the challenges of the endpoint's own host, and of no other. Remembers what worked, so that a warm client sends one request. */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Credential } from '../../credentials/credential.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { basicAuthorization } from './basic.ts';
import { discard } from '../response/body.ts';
import { byPreference, type Challenge, parseChallenges } from './challenge.ts';
import type { Route } from '../transport/dispatchers.ts';
import { RegistryError } from '../error.ts';
import type { Ask, RequestTally } from '../registry.ts';
import type { Reply } from '../response/reply.ts';
import type { Counter, Exchange, Outgoing } from '../request.ts';
import { fetchToken, type TokenRequest, tokenRequest } from './token.ts';

// The kubelet tries all that match; a pod's pull secrets are its author's, so there is a bound here.
const maxCandidates = 8;
const maxRemembered = 10_000;
// Basic credentials do not expire; this bounds how long a replaced one is still tried first.
const basicLifeMs = 10 * 60_000;

interface Authorization {
  readonly value: string;
  readonly lifeMs: number;
  /** It may have been revoked since, so a refusal is not final. */
  readonly cached: boolean;
  /** Where the token is kept; null when it is none. */
  readonly key: string | null;
}

/** One request of one asker, on its way to be let in. */
interface Errand {
  readonly endpoint: Endpoint;
  readonly route: Route;
  readonly outgoing: Outgoing;
  readonly ask: Ask;
}

export class Authorizer {
  readonly #exchange: Exchange;
  readonly #userAgent: string;
  /** Realm, service, scopes and credential → `Authorization`, for as long as the token lives. */
  readonly #tokens = new LRUCache<string, string>({ max: maxRemembered, ttlAutopurge: false });
  /** Endpoint, repository and asker → the `Authorization` that worked last. */
  readonly #worked = new LRUCache<string, string>({ max: maxRemembered, ttlAutopurge: false });

  constructor(exchange: Exchange, userAgent: string) {
    this.#exchange = exchange;
    this.#userAgent = userAgent;
  }

  /** The answer to a request, authenticated where the endpoint demands it; its status may still be any. Throws `RegistryError`. */
  async send(errand: Errand): Promise<Reply> {
    const key = memoryKey(errand);
    const remembered = this.#worked.get(key);
    const reply = await this.#ask(errand, remembered);
    if (!isRefusal(reply)) return reply;
    this.#worked.delete(key);
    const challenge = byPreference(parseChallenges(challengeLines(reply))).find(canAnswer);
    if (!challenge) return reply;
    const candidates = usable(
      challenge,
      (await errand.ask.credentials(errand.endpoint)).slice(0, maxCandidates),
    );
    if (candidates.length === 0) return reply;
    await discard(reply);
    return this.#tryAll(errand, challenge, candidates, remembered);
  }

  /** One round of authentication for each candidate until one finds the image. The last one's outcome is the outcome. */
  async #tryAll(
    errand: Errand,
    challenge: Challenge,
    [credential = null, ...others]: readonly (Credential | null)[],
    refused: string | undefined,
  ): Promise<Reply> {
    const last = others.length === 0;
    try {
      const reply = await this.#round(errand, challenge, credential, refused);
      // Some registries hide with 404 what a credential may not see. One that redirects has let it in.
      if (last || reply.foreign || ![401, 403, 404].includes(reply.status)) return reply;
      await discard(reply);
    } catch (error) {
      if (last || !(error instanceof RegistryError) || error.code !== 'denied') throw error;
    }
    return this.#tryAll(errand, challenge, others, refused);
  }

  async #round(
    errand: Errand,
    challenge: Challenge,
    credential: Credential | null,
    refused: string | undefined,
  ): Promise<Reply> {
    let authorization = await this.#authorization(errand, challenge, credential, refused);
    let reply = await this.#ask(errand, authorization.value);
    if (isRefusal(reply) && authorization.cached) {
      await discard(reply);
      authorization = await this.#authorization(errand, challenge, credential, authorization.value);
      reply = await this.#ask(errand, authorization.value);
    }
    const { value, lifeMs: ttl, key } = authorization;
    if (isRefusal(reply) && key !== null) this.#tokens.delete(key);
    if (reply.status !== 401 && reply.status !== 403) this.#worked.set(memoryKey(errand), value, { ttl });
    return reply;
  }

  /** `refused` is a value that the endpoint has just turned down: not taken from the cache again. */
  async #authorization(
    { endpoint, route, ask }: Errand,
    challenge: Challenge,
    credential: Credential | null,
    refused: string | undefined,
  ): Promise<Authorization> {
    if (challenge.scheme === 'basic' && credential)
      return { value: basicAuthorization(credential), lifeMs: basicLifeMs, cached: false, key: null };
    if (credential?.registryToken)
      return { value: `Bearer ${credential.registryToken}`, lifeMs: basicLifeMs, cached: false, key: null };
    const request = tokenRequest(challenge, endpoint.repository, route.origin);
    const key = tokenKey(request, credential);
    const known = this.#tokens.get(key);
    if (known !== undefined && known !== refused)
      return { value: known, lifeMs: this.#tokens.getRemainingTTL(key), cached: true, key };
    const exchange = (outgoing: Outgoing): Promise<Reply> =>
      this.#exchange(outgoing, route, ask.signal, tokenCounter(ask.tally));
    const token = await fetchToken(request, credential, this.#userAgent, exchange, ask.signal);
    this.#tokens.set(key, token.authorization, { ttl: token.lifeMs });
    return { value: token.authorization, lifeMs: token.lifeMs, cached: false, key };
  }

  #ask({ outgoing, route, ask }: Errand, authorization: string | undefined): Promise<Reply> {
    const { privateHeaders, ...rest } = outgoing;
    const headers = authorization === undefined ? privateHeaders : { ...privateHeaders, authorization };
    return this.#exchange({ ...rest, privateHeaders: headers }, route, ask.signal, requestCounter(ask.tally));
  }
}

/** Does the endpoint itself not let us in? What another host says, to which it redirected, is never answered. */
function isRefusal({ status, foreign }: Reply): boolean {
  return status === 401 && !foreign;
}

function canAnswer(challenge: Challenge): boolean {
  return challenge.scheme === 'bearer' || challenge.scheme === 'basic';
}

/** Those of the credentials that the scheme can carry; null is anonymous, and only a token can be had so. */
function usable(challenge: Challenge, credentials: readonly Credential[]): readonly (Credential | null)[] {
  if (challenge.scheme === 'basic') return credentials.filter(({ username }) => username !== '');
  return credentials.length > 0 ? credentials : [null];
}

function challengeLines(reply: Reply): readonly string[] {
  const lines = reply.headers['www-authenticate'];
  return typeof lines === 'string' ? [lines] : (lines ?? []);
}

// The endpoint's own credential is part of the key: two groups of nodes may ask the same mirror with different ones.
// So is the namespace: one repository of a mirror may stand for those of several registries.
function memoryKey({ endpoint, ask }: Errand): string {
  return JSON.stringify([
    endpoint.url,
    endpoint.repository,
    endpoint.namespace,
    ask.credentialsId,
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

/** Counts what is asked of an endpoint, tokens apart. */
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
