import { describe, expect, test } from '@jest/globals';
import type { Answer, Handler } from '../../../kit/fakes/scripted-registry.ts';
import { absent, asked, holding, html, image, multi, serve } from './images.ts';
import { pair, platformsOf, results } from './harness.ts';

const old = multi('amd64', 's390x');
const both = multi('amd64', 'arm64');
const upstreamHas: Handler = holding({ tags: { '1': both } });
const name = 'registry.test/team/app:1';
// On a registry that counts GETs, tags are asked by HEAD first.
const counted = 'docker.io/team/app:1';

const always =
  (answer: Answer): Handler =>
  () =>
    answer;

describe('which endpoint decides', () => {
  test('case 01: mirror 404 on the tag, upstream 200: the digest of the upstream, both attempts shown', async () => {
    const { inspect, mirror, upstream } = await pair(holding({}), upstreamHas);
    const inspection = await inspect(name);
    expect(inspection).toMatchObject({
      result: 'available',
      digest: both.digest,
      endpoint: `${upstream.origin}/v2`,
      kind: 'index',
      mediaType: both.mediaType,
      size: both.body.byteLength,
    });
    expect(platformsOf(inspection)).toEqual(['linux/amd64', 'linux/arm64']);
    const asked = { status: 200, requests: 1, digest: both.digest };
    expect(inspection.attempts).toMatchObject([
      { endpoint: `${mirror.origin}/v2`, role: 'mirror', result: 'not-found', status: 404, requests: 1 },
      { endpoint: `${upstream.origin}/v2`, role: 'upstream', result: 'available', ...asked },
    ]);
  });

  test('case 02: both 404: not found, and the message names both and says what to do', async () => {
    const { inspect, mirror, upstream } = await pair(always(absent), always(absent));
    const inspection = await inspect(name);
    expect(inspection).toMatchObject({ result: 'not-found', reason: null, digest: null, kind: null });
    const said = 'answered 404, the registry says: MANIFEST_UNKNOWN manifest unknown';
    expect(inspection.message).toBe(
      'does not exist. Check the tag, or push the image.\n' +
        `mirror ${mirror.origin}/v2 ${said};\nupstream ${upstream.origin}/v2 ${said}`,
    );
  });

  test('case 03: mirror 500, upstream 404: unknown, because the mirror may hold it; both named', async () => {
    const { inspect, mirror, upstream } = await pair(always({ status: 500 }), always(absent));
    const inspection = await inspect(name);
    expect(inspection).toMatchObject({ result: 'unavailable', reason: null });
    expect(inspection.message).toContain(`mirror ${mirror.origin}/v2 answered 500`);
    expect(inspection.message).toContain(`upstream ${upstream.origin}/v2 answered 404`);
  });

  test('case 05: mirror 403 with an HTML body, upstream 200: the upstream serves', async () => {
    const { inspect } = await pair(always({ ...html, status: 403 }), upstreamHas);
    const inspection = await inspect(name);
    expect(results(inspection)).toBe('denied/HtmlPage, available');
    expect(inspection.attempts[0]?.message).not.toContain('log in');
    expect(inspection.attempts[0]?.message).toContain('a page of HTML: a firewall or proxy?');
  });

  test('case 28: tag and digest: only the digest is asked for, and it may exist at the upstream only', async () => {
    const { inspect, mirror, upstream } = await pair(
      holding({ tags: { '1': old } }),
      holding({ objects: [both] }),
    );
    const inspection = await inspect(`${name}@${both.digest}`);
    expect(inspection).toMatchObject({ result: 'available', digest: both.digest });
    expect(inspection.reference).toMatchObject({ tag: '1', digest: both.digest });
    const question = [`GET manifests/${both.digest}`];
    expect([asked(mirror.requests), asked(upstream.requests)]).toEqual([question, question]);
  });

  test("case 29: the mirror's tag is older: what the node will get counts, and a comparison warns", async () => {
    const { inspect, mirror, upstream } = await pair(holding({ tags: { '1': old } }), upstreamHas);
    expect(await inspect(name)).toMatchObject({ digest: old.digest, warnings: [] });
    expect(upstream.requests).toEqual([]);
    const inspection = await inspect(name, { allEndpoints: true });
    expect(inspection).toMatchObject({ digest: old.digest, endpoint: `${mirror.origin}/v2` });
    expect(inspection.attempts.map(({ digest }) => digest)).toEqual([old.digest, both.digest]);
    expect(inspection.warnings).toMatchObject([{ code: 'MirrorsInconsistent' }]);
  });
});

describe('least requests', () => {
  test.each([
    ['an index', name, both, ['GET manifests/1']],
    ['an index, GETs counted', counted, both, ['HEAD manifests/1', `GET manifests/${both.digest}`]],
  ])('%s', async (_what, reference, wanted, requests) => {
    const { inspect, mirror, upstream } = await pair(holding({ tags: { '1': wanted } }), upstreamHas);
    const inspection = await inspect(reference);
    expect(inspection).toMatchObject({ result: 'available', digest: wanted.digest });
    expect(asked(mirror.requests)).toEqual(requests);
    expect(inspection.attempts[0]?.requests).toBe(requests.length);
    expect(upstream.requests).toEqual([]);
  });

  test('a single image costs its config blob too', async () => {
    const single = image('arm64');
    const { inspect, mirror } = await pair(holding({ tags: { '1': single } }), upstreamHas);
    expect(platformsOf(await inspect(name))).toEqual(['linux/arm64']);
    expect(asked(mirror.requests)).toEqual(['GET manifests/1', `GET blobs/${single.parts[0]?.digest}`]);
  });

  test('a tag whose digest is known is asked again by one HEAD, on any registry', async () => {
    const { inspect, mirror, advance } = await pair(holding({ tags: { '1': image('amd64') } }), upstreamHas);
    const first = await inspect(name);
    const before = mirror.requests.length;
    advance(60_000);
    expect(await inspect(name)).toMatchObject({
      digest: first.digest,
      platforms: first.platforms,
      stale: false,
    });
    expect(asked(mirror.requests).slice(before)).toEqual(['HEAD manifests/1']);
  });

  test('a tag that moved costs a GET by digest after that, and the message tells', async () => {
    const { inspect, mirror, advance } = await pair(holding({ tags: { '1': old } }), upstreamHas);
    await inspect(name);
    mirror.handle(upstreamHas);
    advance(60_000);
    const inspection = await inspect(name);
    expect(inspection.message).toMatch(`; changed, it was ${old.digest}`);
    expect(asked(mirror.requests).slice(1)).toEqual(['HEAD manifests/1', `GET manifests/${both.digest}`]);
  });

  test('a digest that a tag named is proved by one HEAD, and costs nothing afterwards', async () => {
    const { inspect, mirror } = await pair(upstreamHas, upstreamHas);
    await inspect(name);
    const requests = [];
    for (const reference of [`${name}@${both.digest}`, `registry.test/team/app@${both.digest}`]) {
      const inspection = await inspect(reference);
      expect(inspection).toMatchObject({ result: 'available', endpoint: `${mirror.origin}/v2` });
      requests.push(inspection.attempts[0]?.requests);
    }
    expect(requests).toEqual([1, 0]);
    expect(asked(mirror.requests)).toEqual(['GET manifests/1', `HEAD manifests/${both.digest}`]);
  });
});

describe('answers to HEAD', () => {
  const afterHead =
    (head: Answer): Handler =>
    (request) =>
      request.method === 'HEAD' ? head : upstreamHas(request);

  test.each([
    ['case 16: HEAD 405, GET 200', { status: 405 }],
    ['case 16: HEAD 404, GET 200', { status: 404 }],
    ['case 16: HEAD 501, GET 200', { status: 501 }],
    ['case 14: HEAD without a digest: GET and hash', { headers: { 'content-type': both.mediaType } }],
  ])('%s: at the same endpoint', async (_what, head) => {
    const { inspect, mirror, upstream } = await pair(afterHead(head), always(absent));
    expect(await inspect(counted)).toMatchObject({ result: 'available', digest: both.digest });
    expect(asked(mirror.requests)).toEqual(['HEAD manifests/1', 'GET manifests/1']);
    expect(upstream.requests).toEqual([]);
  });

  test('case 14: no digest header on GET either: the body is hashed', async () => {
    const { inspect } = await pair(
      always({ headers: { 'content-type': both.mediaType }, body: both.body }),
      always(absent),
    );
    expect(await inspect(name)).toMatchObject({ result: 'available', digest: both.digest });
  });

  test('case 17: HEAD 403 without a body, GET 403 with one: the message of the GET', async () => {
    const denied: Answer = {
      status: 403,
      body: { errors: [{ code: 'DENIED', message: 'ask the platform team' }] },
    };
    const { inspect, mirror } = await pair(always(denied), always(absent));
    const inspection = await inspect(counted);
    expect(inspection.result).toBe('denied');
    expect(inspection.message).toContain('ask the platform team');
    expect(inspection.message).toContain('does not exist, or needs credentials that Pratique was not given');
    expect(asked(mirror.requests)).toEqual(['HEAD manifests/1', 'GET manifests/1']);
  });

  test.each([
    [401, 'denied'],
    [429, 'unavailable'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])(
    'HEAD %i without a body is repeated by GET, for what the registry has to say',
    async (status, result) => {
      const refusal: Answer = { status, body: { errors: [{ code: 'X', message: 'see the status page' }] } };
      const { inspect, mirror } = await pair(always(refusal), always(absent));
      const inspection = await inspect(counted);
      expect(inspection.result).toBe(result);
      expect(inspection.message).toContain('see the status page');
      expect(asked(mirror.requests)).toEqual(['HEAD manifests/1', 'GET manifests/1']);
    },
  );

  test('case 18: HEAD without a length goes on', async () => {
    const headers = { ...serve(both).headers, 'transfer-encoding': 'chunked' };
    const { inspect, mirror } = await pair(afterHead({ headers }), always(absent));
    expect(await inspect(counted)).toMatchObject({ digest: both.digest, size: both.body.byteLength });
    expect(asked(mirror.requests)).toEqual(['HEAD manifests/1', `GET manifests/${both.digest}`]);
  });

  test('a digest that only HEAD names is asked of the others, then the next tag decides', async () => {
    const gone = serve(old);
    const { inspect, mirror, upstream } = await pair(
      (request) => (request.method === 'HEAD' ? gone : absent),
      upstreamHas,
    );
    expect(await inspect(counted)).toMatchObject({ result: 'available', digest: both.digest });
    expect(asked(mirror.requests)).toEqual(['HEAD manifests/1', `GET manifests/${old.digest}`]);
    expect(asked(upstream.requests)).toEqual([
      `GET manifests/${old.digest}`,
      'HEAD manifests/1',
      `GET manifests/${both.digest}`,
    ]);
  });

  test("a digest that the mirror's tag names and only the upstream has is the image", async () => {
    const { inspect, upstream } = await pair(
      (request) => (request.method === 'HEAD' ? serve(old) : absent),
      holding({ tags: { '1': both }, objects: [old] }),
    );
    expect(await inspect(counted)).toMatchObject({ digest: old.digest, endpoint: `${upstream.origin}/v2` });
  });
});

describe('rate limits', () => {
  test('case 06: mirror 429 with Retry-After: the upstream at once, and the cool-down is remembered', async () => {
    const { inspect, mirror, advance } = await pair(
      always({ status: 429, headers: { 'retry-after': '60' } }),
      upstreamHas,
    );
    const started = performance.now();
    expect(results(await inspect(name))).toBe('rate-limited, available');
    expect(results(await inspect('registry.test/team/app:2'))).toBe('skipped/RateLimited, not-found');
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(mirror.requests).toHaveLength(1);
    advance(60_000);
    expect(results(await inspect('registry.test/team/third:1'))).toBe('rate-limited, available');
  });

  test('case 07: the last endpoint says 429 and Retry-After: 1, and there is time: one wait, then success', async () => {
    let calls = 0;
    const limited: Answer = { status: 429, headers: { 'retry-after': '1' } };
    const { inspect, upstream } = await pair(always(absent), (request) =>
      calls++ === 0 ? limited : upstreamHas(request),
    );
    const started = performance.now();
    expect(results(await inspect(name))).toBe('not-found, available');
    expect(performance.now() - started).toBeGreaterThan(950);
    expect(upstream.requests).toHaveLength(2);
  });

  test('case 07: no wait that does not fit, and never a second one', async () => {
    for (const [seconds, requests] of [
      ['30', 1],
      ['1', 2],
    ] as const) {
      const { inspect, upstream } = await pair(
        always(absent),
        always({ status: 429, headers: { 'retry-after': seconds } }),
      );
      expect(await inspect(name)).toMatchObject({ result: 'unavailable' });
      expect(upstream.requests).toHaveLength(requests);
    }
  });
});

describe('a digest that no endpoint has as a manifest', () => {
  const asBlob: Handler = ({ url }) => (url.includes(`/blobs/${both.digest}`) ? { body: both.body } : absent);
  const byDigest = `registry.test/team/app@${both.digest}`;

  test('is looked for as a blob when all have denied it, and a warning tells', async () => {
    const { inspect, mirror, upstream } = await pair(always(absent), asBlob);
    const inspection = await inspect(byDigest);
    expect(inspection).toMatchObject({ result: 'available', digest: both.digest });
    expect(inspection.warnings.map(({ code }) => code)).toEqual(['ServedAsBlob']);
    const lines = [`GET manifests/${both.digest}`, `GET blobs/${both.digest}`];
    expect([asked(mirror.requests), asked(upstream.requests)]).toEqual([lines, lines]);
  });

  test('is not found in the words about the manifest when it is not there as a blob either', async () => {
    const { inspect, upstream } = await pair(always(absent), always(absent));
    const inspection = await inspect(byDigest);
    expect(inspection.result).toBe('not-found');
    expect(inspection.message).not.toContain('blobs');
    expect(inspection.message).toContain(`upstream ${upstream.origin}/v2 answered 404`);
  });

  test('is not looked for as a blob where an endpoint could not be asked', async () => {
    const { inspect, mirror } = await pair(always({ status: 500 }), asBlob);
    expect((await inspect(byDigest)).result).toBe('unavailable');
    expect(asked(mirror.requests)).toEqual([`GET manifests/${both.digest}`]);
  });
});

describe('what a registry warns of (Warning: 299)', () => {
  const warning = '299 - "this registry closes in June", 199 - "not meant for people"';

  test('is shown as a warning, once', async () => {
    const answer = serve(both);
    const { inspect, mirror } = await pair(
      always({ ...answer, headers: { ...answer.headers, warning } }),
      always(absent),
    );
    expect((await inspect(name)).warnings).toEqual([
      {
        code: 'RegistryWarning',
        message: `mirror ${mirror.origin}/v2 says: this registry closes in June`,
        source: null,
      },
    ]);
  });

  test('is shown of an endpoint that denied the image, too; its text is cleaned and cut', async () => {
    const hostile = `299 - "${'x'.repeat(5_000)}"`;
    const { inspect } = await pair(always({ ...absent, headers: { warning: hostile } }), upstreamHas);
    const [told] = (await inspect(name)).warnings;
    expect(told?.message.length).toBeLessThan(300);
  });
});
