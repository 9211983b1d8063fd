/** Faults of authentication: 401 whatever one does, and tokens whose scope is not exactly what the registry wants. */
import type { Answer, Recorded } from '../../kit/fakes/scripted-registry.ts';
import type { Question } from '../query.ts';
import { ociError } from './status.ts';
import { everywhere, type Place, type Variant } from './variant.ts';

/** The scope that the registry itself asks for. */
function scopeOf({ repository }: Question): string {
  return `repository:${repository}:pull`;
}

function unauthorized(challenges?: string): Answer {
  return ociError(401, 'UNAUTHORIZED', challenges === undefined ? {} : { 'www-authenticate': challenges });
}

/** 401 with the challenge of the endpoint's own token server. A ping names no scope. */
export function challenge(question: Question, { origin }: Place, scope = scopeOf(question)): Answer {
  const wanted = question.kind === 'ping' || scope === '' ? '' : `,scope="${scope}"`;
  return unauthorized(`Bearer realm="${origin}/token",service="registry"${wanted}`);
}

/** A token that says openly what was asked for. */
function token(request: Recorded): Answer {
  const asked = new URL(request.url, 'http://token').searchParams.getAll('scope');
  const scopes = [...asked, new URLSearchParams(request.body).get('scope') ?? '']
    .flatMap((text) => text.split(' '))
    .filter((scope) => scope !== '');
  return { body: { token: Buffer.from(JSON.stringify(scopes)).toString('base64url'), expires_in: 300 } };
}

/** Scopes of the token in a request; null without one. */
function scopesIn(request: Recorded): string | null {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return bearer === undefined ? null : Buffer.from(bearer, 'base64url').toString();
}

const noTokens = (challenges: string): Answer => unauthorized(challenges);

export const unauthenticated: readonly Variant[] = [
  everywhere('no challenge', () => unauthorized()),
  everywhere('Basic', () => noTokens('Basic realm="corp"')),
  everywhere('Bearer, whatever the token', (request, place, question) =>
    question.kind === 'token' ? token(request) : challenge(question, place),
  ),
  everywhere('Bearer, no token for us', (_request, place, question) =>
    question.kind === 'token' ? ociError(401, 'UNAUTHORIZED') : challenge(question, place),
  ),
  everywhere('a scheme that nobody knows', () => noTokens('Negotiate')),
  everywhere('Bearer without a realm', () => noTokens('Bearer service="registry"')),
];

/** Takes a token only if its scopes are exactly `wanted`; others get `refusal`. */
function exactly(
  name: string,
  refusal: (question: Question, place: Place) => Answer,
  { asks = scopeOf, wants = asks }: { asks?: typeof scopeOf; wants?: typeof scopeOf } = {},
): Variant {
  return everywhere(name, (request, place, question) => {
    if (question.kind === 'token') return token(request);
    const scopes = scopesIn(request);
    if (scopes === null) return challenge(question, place, asks(question));
    const welcome = question.kind === 'ping' || scopes === JSON.stringify([wants(question)]);
    return welcome ? place.healthy(question) : refusal(question, place);
  });
}

const denied = (): Answer => ociError(403, 'DENIED');

/** Nobody can give it what it wants, because it asks for less. */
export const insatiable = exactly('wants more than it asks for', denied, {
  wants: ({ repository }) => `repository:${repository}:*`,
});

export const wrongScope: readonly Variant[] = [
  exactly('401 for another scope', challenge),
  exactly('403 for another scope', denied),
  exactly('challenge without a scope', denied, { asks: () => '', wants: scopeOf }),
  exactly("another repository's scope wanted", denied, {
    asks: ({ repository }) => `repository:tenant/${repository}:pull`,
  }),
  insatiable,
];
