/** Compares what came with what a case wants, member by member. */
import { isDeepStrictEqual } from 'node:util';
import { maxApiVersion, minApiVersion } from '../../../src/serve/engine-api/request-target.ts';
import { departures } from '../../kit/engine-api/document.ts';
import type { EngineServer } from '../../kit/engine-api/engine-server.ts';
import type { RawRequest } from '../../kit/engine-api/raw-request.ts';
import type { WholeResponse } from '../../kit/pratique/response-of.ts';
import { equal, type Outcome } from '../runner.ts';
import type { EngineCase, Want } from './case.ts';
import { credentialProblem, mirrorProblem, scopeProblem } from './credentials.ts';

/** MAX and MIN in a case are the versions that are declared. */
export function withVersions(text: string): string {
  return text.replaceAll('MAX', maxApiVersion).replaceAll('MIN', minApiVersion);
}

/** Problems become `got`; a member of `want` that nobody looks at is a problem too. */
export function compare(
  vector: EngineCase,
  response: WholeResponse,
  server: EngineServer,
  request: RawRequest | null = null,
  elapsedMs = 0,
): Outcome {
  const problems = Object.entries(vector.want).flatMap(([member, wanted]) => {
    const check = checks[member as keyof Want];
    if (!check) return [`no check for want.${member}`];
    return check(wanted as never, { vector, response, server, elapsedMs }) ?? [];
  });
  // Whatever the case is about: each answer is one that the document names.
  if (request) problems.push(...departures(request, response));
  if (server.errors.length > 0) problems.push(`errors reported: ${String(server.errors)}`);
  return problems.length === 0 ? { ok: true } : { ok: false, want: vector.want, got: { problems, response } };
}

/** For a busy machine, on top of what a case allows. */
const marginMs = 1_000;

interface Seen {
  readonly vector: EngineCase;
  readonly response: WholeResponse;
  readonly server: EngineServer;
  readonly elapsedMs: number;
}

/** Returns null if the member is as wanted. */
type Check = (wanted: never, seen: Seen) => string | null;

const checks: Readonly<Partial<Record<keyof Want, Check>>> = {
  status: (wanted: number | readonly number[], { response }) =>
    [wanted].flat().includes(response.status) ? null : `status ${response.status}`,
  message: (wanted: string, { response }) =>
    messageOf(response) === withVersions(wanted) ? null : `message ${messageOf(response)}`,
  messageHas: (wanted: string | readonly string[], { response }) =>
    [wanted].flat().every((words) => messageOf(response).includes(words))
      ? null
      : `message ${messageOf(response)}`,
  body: (wanted: unknown, { response }) => bodyProblem(wanted, response),
  bodyHas: (wanted: unknown, { response }) =>
    contains(JSON.parse(response.body), wanted) ? null : `body ${response.body}`,
  contentType: (wanted: string, { response }) =>
    response.headers['content-type'] === wanted ? null : `content-type ${response.headers['content-type']}`,
  headers: (wanted: Readonly<Record<string, string>>, seen) =>
    Object.entries(wanted)
      .map(([name, value]) => headerProblem(name, value, seen))
      .find((problem) => problem !== null) ?? null,
  absent: (wanted: readonly string[], { response }) => {
    const present = wanted.filter((name) => response.headers[name] !== undefined);
    return present.length === 0 ? null : `headers ${present.join()} are there`;
  },
  requests: (wanted: string, seen) => requestsProblem(wanted, seen),
  credentials: (wanted: string, { vector, server }) => credentialProblem(wanted, vector, server),
  scope: (wanted: string, { server }) => scopeProblem(wanted, server),
  within: (wanted: string, { elapsedMs }) => {
    const [, seconds] = /(\d+) s\b/.exec(wanted) ?? [];
    if (seconds === undefined) return `not understood: within "${wanted}"`;
    return elapsedMs <= Number(seconds) * 1_000 + marginMs ? null : `${Math.round(elapsedMs)} ms`;
  },
  note: () => null,
};

export function messageOf({ body }: WholeResponse): string {
  const document = JSON.parse(body) as { message?: unknown };
  return String(document.message);
}

function bodyProblem(wanted: unknown, { body }: WholeResponse): string | null {
  const isSame =
    typeof wanted === 'string'
      ? body === withVersions(wanted)
      : equal(true, resembles(JSON.parse(body), wanted)).ok;
  return isSame ? null : `body ${body}`;
}

/** Values that a case describes instead of naming them. */
const described: Readonly<Record<string, (got: unknown) => boolean>> = {
  text: (got) => typeof got === 'string' && got !== '',
  'amd64 or arm64, as Go writes it': (got) => got === 'amd64' || got === 'arm64',
  'the media type of the body': (got) => typeof got === 'string' && got.includes('manifest.v1+'),
};

function isValue(got: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'string') return isDeepStrictEqual(got, wanted);
  return described[wanted]?.(got) ?? got === withVersions(wanted);
}

/** The same members everywhere, no more and no less. */
function resembles(got: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return isValue(got, wanted);
  if (typeof got !== 'object' || got === null || Array.isArray(got) !== Array.isArray(wanted)) return false;
  const names = Object.keys(wanted);
  return (
    isDeepStrictEqual(names.toSorted(), Object.keys(got).toSorted()) &&
    names.every((name) => resembles(member(got, name), member(wanted, name)))
  );
}

/** At least these members; lists have the same length. */
function contains(got: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return isValue(got, wanted);
  if (typeof got !== 'object' || got === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(got) || got.length !== wanted.length)) return false;
  return Object.keys(wanted).every((name) => contains(member(got, name), member(wanted, name)));
}

function member(of: object, name: string): unknown {
  return (of as Record<string, unknown>)[name];
}

function headerProblem(name: string, wanted: string, { vector, response }: Seen): string | null {
  const got = response.headers[name];
  const problem = `header ${name}: ${String(got)}`;
  if (wanted !== 'seconds, where the registry told') return got === withVersions(wanted) ? null : problem;
  const told = Object.values(vector.behaviour ?? {}).some(
    (each) => typeof each === 'object' && 'headers' in each && each.headers?.['retry-after'] !== undefined,
  );
  return told === /^\d+$/.test(String(got)) ? null : problem;
}

function requestsProblem(wanted: string, { vector, server }: Seen): string | null {
  const { requests } = server;
  if (wanted === 'none') {
    const sent = Object.values(requests).flat();
    return sent.length === 0 ? null : `${sent.length} requests to registries`;
  }
  if (wanted === 'the upstream is asked')
    return requests.hub.length > 0 ? null : 'the upstream was not asked';
  if (wanted.startsWith('no Authorization and no token request for the mirror')) {
    return mirrorProblem(vector, server);
  }
  return `not understood: requests "${wanted}"`;
}
