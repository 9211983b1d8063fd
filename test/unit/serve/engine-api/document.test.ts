/** The document and the listener, each held against the other: what is named is answered so, and what is answered is named. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { maxApiVersion, minApiVersion } from '../../../../src/serve/engine-api/request-target.ts';
import {
  departures,
  document,
  documentText,
  methods,
  type NamedAnswer,
  namedAnswers,
} from '../../../kit/engine-api/document.ts';
import { type EngineHosts, type EngineServer, engineHosts } from '../../../kit/engine-api/engine-server.ts';
import {
  holdingFixtures,
  manifestUnknown,
  readImageFixtures,
} from '../../../kit/engine-api/image-fixtures.ts';
import { type RawRequest, rawRequest } from '../../../kit/engine-api/raw-request.ts';
import type { Answer as RegistryAnswer, Handler } from '../../../kit/fakes/scripted-registry.ts';

const fixtures = readImageFixtures(
  new URL('../../../conformance/vectors/engine-api-fixtures.json', import.meta.url),
);
let hosts: EngineHosts;
beforeAll(async () => {
  hosts = await engineHosts();
});
afterAll(async () => {
  await hosts[Symbol.asyncDispose]();
});

/** What the registry says to the image of this name. */
const registry: Readonly<Record<string, RegistryAnswer>> = {
  secret: { status: 401, body: {} },
  forbidden: { status: 403, body: {} },
  limited: { status: 429, headers: { 'retry-after': '100' }, body: {} },
  broken: { status: 500, body: {} },
};

function serve(): Promise<EngineServer> {
  const holding = holdingFixtures(fixtures);
  const hub: Handler = (request) => {
    const [, name = ''] = /^\/v2\/library\/(\w+)\//.exec(request.url) ?? [];
    return registry[name] ?? holding(request);
  };
  const mirror = () => manifestUnknown;
  const token = () => ({ status: 404 });
  return hosts.serve({ handlers: { mirror, hub, token, other: hub, plain: hub }, refusing: [] });
}

/** Paths that GET answers with a status, keyed by the document's path and the status. */
const leading: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '/distribution/{name}/json': {
    '200': ['/distribution/hello/json', '/distribution/win:latest/json', '/distribution/artifact/json'],
    '400': ['/distribution/Hello/json', '/distribution/scratch/json'],
    '401': ['/distribution/secret/json'],
    '403': ['/distribution/forbidden/json'],
    '404': ['/distribution/hello:nosuch/json', '/distribution/dmiss/json'],
    '429': ['/distribution/limited/json'],
    '500': [`/distribution/${'a'.repeat(64)}/json`],
    '503': ['/distribution/broken/json'],
  },
  '/_ping': { '200': ['/_ping'] },
  '/version': { '200': ['/version'] },
  '/openapi.yaml': { '200': ['/openapi.yaml'] },
};

/** Requests that lead to this answer, with and without a version. */
function requestsFor({ path, method, status }: NamedAnswer): RawRequest[] {
  const any = leading[path]?.['200']?.[0] ?? path;
  const own = (method === 'get' ? leading[path]?.[status] : status === '200' ? [any] : undefined) ?? [];
  const paths = [...own, ...own.map((each) => `/v1.44${each}`)].filter(
    (each) => each !== '/v1.44/openapi.yaml',
  );
  const versions = status === '400' ? [`/v1.23${any}`, `/v9999${any}`] : [];
  const requests: RawRequest[] = [...paths, ...versions].map((each) => ({ path: each }));
  const page = status === '403' ? [{ path: any, headers: { origin: 'http://page.example' } }] : [];
  return [...requests, ...page].map((request) => ({ ...request, method: method.toUpperCase() }));
}

describe('what the document names', () => {
  test('is answered so: every path, method, status and header, with and without a version', async () => {
    const problems: string[] = [];
    for (const named of namedAnswers()) {
      // A registry that limits the rate, or fails, is left alone for a while: each answer is asked for afresh.
      await using server = await serve();
      for (const request of requestsFor(named)) {
        const response = await rawRequest(server, request);
        const departed = departures(request, response);
        if (String(response.status) !== named.status) departed.push(`status ${response.status}`);
        problems.push(...departed.map((problem) => `${request.method} ${request.path}: ${problem}`));
      }
    }
    expect(problems).toEqual([]);
  }, 60_000);

  test('is asked for by this test: no answer is left out', () => {
    expect(namedAnswers().filter((named) => requestsFor(named).length === 0)).toEqual([]);
  });

  test('has the versions that are served', () => {
    expect(document.info.version).toBe(maxApiVersion);
    expect(documentText).toContain(`At most ${maxApiVersion}, at least ${minApiVersion}.`);
  });
});

test('what the document does not name is 404 and reaches no registry, whatever the method', async () => {
  await using server = await serve();
  const unnamed: RawRequest[] = Object.entries(document.paths).flatMap(([path, item]) =>
    methods
      .filter((method) => !(method in item))
      .map((method) => ({ method: method.toUpperCase(), path: leading[path]?.['200']?.[0] ?? path })),
  );
  const paths = ['/', '/info', '/v1.44', '/images/json', '/openapi.json', '/openapi.yaml/', '/_ping/'];
  for (const request of [...unnamed, ...paths.map((path) => ({ path }))]) {
    const { status, headers } = await rawRequest(server, request);
    expect([request, status, headers['api-version']]).toEqual([request, 404, undefined]);
  }
  expect(Object.values(server.requests).flat()).toEqual([]);
});

test('the document is served as it is written', async () => {
  await using server = await serve();
  expect((await rawRequest(server, { path: '/openapi.yaml' })).body).toBe(documentText);
});

test('an earlier answer is served, and says so, while no registry can be asked', async () => {
  let isDown = false;
  const holding = holdingFixtures(fixtures);
  const hub: Handler = (request) => (isDown ? { status: 500 } : holding(request));
  const mirror = () => manifestUnknown;
  await using server = await hosts.serve(
    { handlers: { mirror, hub, token: mirror, other: mirror, plain: mirror }, refusing: [] },
    { cache: { tagTTL: '1ms' } },
  );
  const request = { path: '/distribution/hello/json' };
  const first = await rawRequest(server, request);
  isDown = true;
  const later = await rawRequest(server, request);
  expect(departures(request, later)).toEqual([]);
  expect([later.status, later.body]).toEqual([200, first.body]);
  expect(first.headers['warning']).toBeUndefined();
  expect(later.headers).toMatchObject({ age: '0', warning: '110 Pratique "Response is Stale"' });
});

test('a registry that the configuration blocks is 403, and is not asked', async () => {
  const handlers = { mirror: () => manifestUnknown, hub: () => manifestUnknown };
  const others = { token: handlers.hub, other: handlers.hub, plain: handlers.hub };
  await using server = await hosts.serve(
    { handlers: { ...handlers, ...others }, refusing: [] },
    { registry: { allowedHosts: ['registry.corp'] } },
  );
  const request = { path: `/distribution/127.0.0.1:${hosts.plainPort}/app/json` };
  const response = await rawRequest(server, request);
  expect(departures(request, response)).toEqual([]);
  expect([response.status, server.requests.plain.length]).toEqual([403, 0]);
  expect(response.body).toContain('denied: ');
});
