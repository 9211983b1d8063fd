/** Cases without a request that say what a client relies on, by the words of `given`. */

import { maxApiVersion } from '../../../src/serve/engine-api/request-target.ts';
import type { EngineHosts, EngineServer } from '../../kit/engine-api/engine-server.ts';
import type { ImageFixtures } from '../../kit/engine-api/image-fixtures.ts';
import { type RawRequest, rawRequest } from '../../kit/engine-api/raw-request.ts';
import type { WholeResponse } from '../../kit/pratique/response-of.ts';
import { equal, type Outcome } from '../runner.ts';
import type { EngineCase } from './case.ts';
import { compare, withVersions } from './expectations.ts';
import { scriptsOf, usual } from './scripts.ts';

export interface Situation {
  readonly vector: EngineCase;
  readonly hosts: EngineHosts;
  readonly fixtures: ImageFixtures;
}

export type SituationCheck = readonly [
  given: RegExp,
  check: (situation: Situation) => Outcome | Promise<Outcome>,
];

const image = 'hello';
const digestLength = 64;

export const clientChecks: readonly SituationCheck[] = [
  [/^any error answer$/, (situation) => compareEach(situation, errors)],
  [
    /^an image without known platforms$/,
    (situation) => compareEach(situation, imagesWithoutPlatforms(situation)),
  ],
  [/^a platform without variant/, noEmptyMembers],
  [/^(GET|HEAD) \S+$/, (situation) => compareEach(situation, [requestOf(situation.vector.given)])],
  [/^HEAD \/_ping answers 404$/, pingByGet],
  [/^MAX$/, greatestVersion],
  [/^Host: /, (situation) => compareEach(situation, hostRequests(situation.vector.given))],
  [/^docker-py asks for name@digest$/, encodedDigest],
  [/^docker-py with a docker config$/, pythonCredential],
  [/^docker service create IMAGE/, serviceCreate],
  [/^docker manifest inspect/, neverHere],
];

/** One of each status that needs no registry. */
const errors: readonly RawRequest[] = [
  { path: '/nothing' },
  { path: '/distribution/Hello/json' },
  { path: '/distribution/%zz/json' },
  { path: '/distribution/hello:nosuch/json' },
  { path: `/distribution/${'a'.repeat(digestLength)}/json` },
  { path: '/v9999/version' },
  { path: '/_ping', headers: { origin: 'http://page.example' } },
];

async function compareEach(situation: Situation, requests: readonly RawRequest[]): Promise<Outcome> {
  await using server = await serve(situation);
  for (const request of requests) {
    const outcome = compare(situation.vector, await rawRequest(server, request), server, request);
    if (!outcome.ok) return outcome;
  }
  return requests.length > 0 ? { ok: true } : { ok: false, want: situation.vector.given, got: 'no request' };
}

function serve({ hosts, fixtures }: Situation): Promise<EngineServer> {
  return hosts.serve({ handlers: usual(fixtures), refusing: [] });
}

function imagesWithoutPlatforms({ fixtures }: Situation): RawRequest[] {
  const empty = Object.entries(fixtures).filter(([, { body }]) => {
    const manifest = JSON.parse(body) as { manifests?: unknown[]; artifactType?: unknown };
    return manifest.manifests?.length === 0 || manifest.artifactType !== undefined;
  });
  return empty.map(([name]) => ({ path: `/distribution/${name}/json` }));
}

async function noEmptyMembers(situation: Situation): Promise<Outcome> {
  await using server = await serve(situation);
  const { body } = await rawRequest(server, { path: `/distribution/${image}/json` });
  const { Platforms } = JSON.parse(body) as { Platforms: Record<string, unknown>[] };
  const values = Platforms.flatMap((platform) => Object.values(platform));
  const empty = values.filter((value) => value === null || ['""', '[]'].includes(JSON.stringify(value)));
  return equal([true, 0], [values.length > 0, empty.length]);
}

function requestOf(given: string): RawRequest {
  const [method = '', path = ''] = given.split(' ');
  return { method, path };
}

async function pingByGet(situation: Situation): Promise<Outcome> {
  await using server = await serve(situation);
  const { status, headers } = await rawRequest(server, { path: '/_ping' });
  return equal([200, maxApiVersion], [status, headers['api-version']]);
}

function greatestVersion({ vector }: Situation): Outcome {
  const [, least = ''] = /at least 1\.(\d+)/.exec(vector.want.note ?? '') ?? [];
  const [, minor = ''] = maxApiVersion.split('.');
  return equal(true, least !== '' && Number(minor) >= Number(least));
}

function hostRequests(given: string): RawRequest[] {
  const names = given.slice('Host: '.length).split(/, (?:or )?| or /);
  return names.flatMap((host) =>
    ['/_ping', `/distribution/${image}/json`].map((path) => ({ path, headers: { host } })),
  );
}

async function encodedDigest(situation: Situation): Promise<Outcome> {
  await using server = await serve(situation);
  const digest = situation.fixtures[`library/${image}:latest`]?.digest ?? '';
  const answers = await Promise.all(
    [`${image}%40${digest}`, `${image}@${digest}`].map((name) =>
      rawRequest(server, { path: withVersions(`/vMAX/distribution/${name}/json`) }),
    ),
  );
  return equal([200, 200, answers[0]?.body], [...answers.map(({ status }) => status), answers[1]?.body]);
}

/** Python's `json.dumps` puts spaces after commas and colons. */
async function pythonCredential(situation: Situation): Promise<Outcome> {
  const scripts = scriptsOf({ ...situation.vector, given: 'Hub wants Basic' }, situation.fixtures);
  await using server = await situation.hosts.serve(scripts);
  const json = '{"username": "user", "password": "pass", "email": null, "serveraddress": "docker.io"}';
  const answer = await rawRequest(server, {
    path: `/distribution/${image}/json`,
    headers: {
      'x-registry-auth': Buffer.from(json)
        .toString('base64url')
        .padEnd(Math.ceil(json.length / 3) * 4, '='),
    },
  });
  return equal(200, answer.status);
}

/** The requests that the command sends, in their order. */
async function serviceCreate(situation: Situation): Promise<Outcome> {
  await using server = await serve(situation);
  const requests = [
    { method: 'HEAD', path: '/_ping' },
    { path: '/v1.41/info' },
    { path: `/v1.41/distribution/${image}/json` },
    { method: 'POST', path: '/v1.41/services/create' },
  ];
  const answers: WholeResponse[] = [];
  for (const request of requests) answers.push(await rawRequest(server, request));
  return equal(
    [200, 404, 200, 404],
    answers.map(({ status }) => status),
  );
}

/** What these commands ask of a daemon, if anything, is not served, and no registry hears of it. */
async function neverHere(situation: Situation): Promise<Outcome> {
  await using server = await serve(situation);
  const path = `/v1.41/images/create?fromImage=${image}&tag=latest`;
  const { status } = await rawRequest(server, { method: 'POST', path });
  return equal([404, 0], [status, Object.values(server.requests).flat().length]);
}
