import { describe, expect, test } from '@jest/globals';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import { authority, expiredLeaf } from '../../../kit/fakes/certificates.ts';
import type { Answer, Handler } from '../../../kit/fakes/scripted-registry.ts';
import { plainTls } from '../../../../src/resolve/endpoints/endpoint.ts';
import * as types from '../../../../src/resolve/manifest/media-types.ts';
import { absent, asked, content, descriptor, holding, html, image, multi, serve } from './images.ts';
import { listOf, pair, results, serving, stage } from './harness.ts';

const both = multi('amd64', 'arm64');
const other = multi('s390x');
const upstreamHas: Handler = holding({ tags: { '1': both } });
const name = 'registry.test/team/app:1';

describe('a mirror that fails below HTTP', () => {
  test('case 08: it accepts the connection and is silent: the upstream within the deadline, and the mirror costs its budget once', async () => {
    const { inspect, mirror } = await pair(() => ({ fault: 'silence' }), upstreamHas, {
      endpointTimeoutMs: 300,
    });
    const started = performance.now();
    expect(results(await inspect(name))).toBe('unavailable/Timeout, available');
    const first = performance.now() - started;
    expect(first).toBeGreaterThan(250);
    expect(first).toBeLessThan(1_500);
    const second = performance.now();
    expect(results(await inspect('registry.test/team/other:1'))).toBe('skipped/CircuitOpen, available');
    expect(performance.now() - second).toBeLessThan(200);
    expect(mirror.requests).toHaveLength(1);
  });

  test('case 09: its name is not found, it refuses or resets: the upstream, and no retry at the mirror', async () => {
    const upstream = await serving(upstreamHas);
    const closed = await serving(() => absent);
    await closed.close();
    const resetting = await serving(() => ({ fault: 'reset' }));
    for (const [origin, reason] of [
      ['http://mirror.invalid', 'NameNotFound'],
      [closed.origin, 'ConnectionRefused'],
      [resetting.origin, 'ConnectionReset'],
    ] as const) {
      const { inspect } = stage(listOf([origin, upstream.origin]));
      expect(results(await inspect(name))).toBe(`unavailable/${reason}, available`);
    }
    expect(resetting.requests).toHaveLength(1);
  });

  test('case 10: unknown CA, expired, wrong name: class tls, the upstream, and never http', async () => {
    const ca = await authority();
    const trust = { tls: { ...plainTls, caPem: [ca.cert] } };
    const good = await ca.leaf({ names: ['127.0.0.1'] });
    const upstream = await serving(upstreamHas);
    for (const [tls, more, reason] of [
      [good, {}, 'UnknownAuthority'],
      [await expiredLeaf(ca, ['127.0.0.1']), trust, 'Expired'],
      [await ca.leaf({ names: ['mirror.corp'] }), trust, 'WrongName'],
    ] as const) {
      const mirror = await serving(upstreamHas, { tls });
      // Even where the configuration allows plain text after https: this host has spoken TLS.
      const { inspect } = stage(
        listOf(
          [mirror.origin, upstream.origin],
          [{ ...more, plainFallback: ['HttpAnswer', 'ConnectionRefused'] }],
        ),
      );
      expect(results(await inspect(name))).toBe(`tls/${reason}, available`);
      expect(mirror.requests).toEqual([]);
    }
  });

  test('case 10: when it is the only endpoint, the image is unavailable', async () => {
    const mirror = await serving(upstreamHas, {
      tls: await (await authority()).leaf({ names: ['127.0.0.1'] }),
    });
    const { inspect } = stage(listOf([mirror.origin]));
    expect(await inspect(name)).toMatchObject({ result: 'unavailable', attempts: [{ result: 'tls' }] });
  });

  test('case 13: a body shorter than its length', async () => {
    const { inspect } = await pair(() => ({ ...serve(both), fault: 'cut' }), upstreamHas);
    expect(results(await inspect(name))).toBe('malformed/Truncated, available');
  });
});

const ambiguous = content(types.ociIndex, {
  schemaVersion: 2,
  manifests: [],
  layers: [],
  config: descriptor(content(types.ociConfig, {})),
});
const lying: Answer = {
  ...serve(both),
  headers: { ...serve(both).headers, 'docker-content-digest': other.digest },
};
const mistyped: Answer = {
  ...serve(both),
  headers: { ...serve(both).headers, 'content-type': types.ociManifest },
};

describe('a mirror that answers nonsense is an endpoint failure, and the upstream is asked', () => {
  test.each<[string, Answer, string]>([
    ['case 11: 200 text/html for a tag', html, 'malformed/NotJson'],
    ['case 12: 200 with {}', { body: {} }, 'malformed/NotAManifest'],
    ['case 12: 200 with errors[]', { body: { errors: [{ code: 'DENIED' }] } }, 'malformed/NotAManifest'],
    ['case 15: a digest header that is well formed but not of the body', lying, 'malformed/DigestMismatch'],
    ['case 19: a manifest over the cap', { body: Buffer.alloc(65 * 1024, ' ') }, 'malformed/TooLarge'],
    ['case 19: an endless stream', { body: ' '.repeat(16_384), fault: 'endless' }, 'malformed/TooLarge'],
    ['case 20: both manifests and layers', serve(ambiguous), 'malformed/Ambiguous'],
    ['case 20: declared type and body differ', mistyped, 'malformed/TypeMismatch'],
    ['case 21: 3xx without Location', { status: 307 }, 'malformed/NoLocation'],
    ['a 404 as a page of HTML', { ...html, status: 404 }, 'malformed/NotARegistry'],
  ])('%s', async (_what, answer, result) => {
    const { inspect, mirror } = await pair(() => answer, upstreamHas);
    const inspection = await inspect(name);
    expect(results(inspection)).toBe(`${result}, available`);
    expect(inspection.digest).toBe(both.digest);
    expect(mirror.requests).toHaveLength(1);
  });

  test('without an upstream that has it the image is unavailable, never not found', async () => {
    const { inspect } = await pair(
      () => html,
      () => absent,
    );
    expect((await inspect(name)).result).toBe('unavailable');
  });

  test('case 15: never pinned, by digest either, and what is held under a digest stays', async () => {
    const { inspect, mirror, advance } = await pair(upstreamHas, () => absent);
    await inspect(name);
    // From now on the tag claims the known digest and serves another body under it.
    mirror.handle(() => ({
      ...serve(other),
      headers: { ...serve(other).headers, 'docker-content-digest': both.digest },
    }));
    expect((await inspect(`registry.test/team/other@${both.digest}`)).result).toBe('unavailable');
    advance(60_000);
    const inspection = await inspect(name);
    expect(inspection.platforms).toHaveLength(2);
    expect(asked(mirror.requests).at(-1)).toBe('HEAD manifests/1');
  });
});

describe('redirects', () => {
  test('case 21: a redirect to another host gets no credentials', async () => {
    const store = await serving(() => serve(image('amd64')));
    const holder = { username: 'alice', password: 's3cret' };
    const { inspect, mirror } = await pair(
      ({ url, headers }) =>
        headers.authorization === undefined
          ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
          : { status: 307, headers: { location: `${store.origin}${url}` } },
      () => absent,
    );
    await inspect(name, {
      credentials: { ...anonymous, id: 'alice', candidates: () => Promise.resolve([holder]) },
    });
    expect(mirror.requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
    expect(store.requests.length).toBeGreaterThan(0);
    expect(store.requests.map(({ headers }) => headers.authorization)).toEqual(
      store.requests.map(() => undefined),
    );
  });
});
