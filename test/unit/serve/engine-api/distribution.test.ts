import { describe, expect, test } from '@jest/globals';
import type { Attempt, Inspection } from '../../../../src/resolve/inspection/inspection.ts';
import type { Digest } from '../../../../src/resolve/reference/digest.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import { answerInspection } from '../../../../src/serve/engine-api/distribution.ts';
import * as fakes from '../../../kit/fakes/inspections.ts';

const digest = `sha256:${'0'.repeat(64)}` as Digest;
const now = 1_000_000;

function attempt(detail: Partial<Attempt>): Attempt {
  return fakes.attempt({
    endpoint: 'https://registry-1.docker.io/v2',
    role: 'upstream',
    configured: false,
    repository: 'library/hello',
    result: 'not-found',
    status: 404,
    ...detail,
  });
}

function inspection(detail: Partial<Inspection>): Inspection {
  const reference = parseReference('hello');
  return fakes.inspection({
    reference,
    result: 'unavailable',
    message: 'WORDS',
    inspectedAt: now,
    ...detail,
  });
}

function answer(detail: Partial<Inspection>) {
  const { status, headers, body } = answerInspection(inspection(detail), now);
  return { status, headers, body: JSON.parse(body) as Record<string, unknown> };
}

const available: Partial<Inspection> = {
  result: 'available',
  kind: 'index',
  digest,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  size: 7,
};

describe('an image that is available', () => {
  test('is answered with its descriptor and the raw platforms, without empty members', () => {
    const raw = [
      { os: 'linux', architecture: 'arm64', variant: 'v8', osVersion: '', osFeatures: [] },
      { os: 'windows', architecture: 'amd64', variant: '', osVersion: '10.0.1', osFeatures: ['win32k'] },
    ];
    expect(answer({ ...available, rawPlatforms: raw })).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: {
        Descriptor: { mediaType: available.mediaType, digest, size: 7 },
        Platforms: [
          { architecture: 'arm64', os: 'linux', variant: 'v8' },
          {
            architecture: 'amd64',
            os: 'windows',
            'os.version': '10.0.1',
            'os.features': ['win32k'],
          },
        ],
      },
    });
  });

  test('has an empty list of platforms where none is known', () => {
    expect(answer(available).body['Platforms']).toEqual([]);
  });

  test('has no headers of its own when it is fresh, and tells its age when it is stale', () => {
    expect(Object.keys(answer(available).headers)).toEqual(['content-type']);
    expect(answer({ ...available, stale: true, inspectedAt: now - 90_400 }).headers).toMatchObject({
      age: '90',
      warning: '110 Pratique "Response is Stale"',
    });
  });
});

describe('the status and the first words', () => {
  const refused = (status: number): Attempt => attempt({ result: 'denied', status });
  const limited = attempt({ result: 'rate-limited', status: 429 });
  const cases: readonly (readonly [string, Partial<Inspection>, number, string])[] = [
    ['not found', { result: 'not-found' }, 404, 'manifest unknown: docker.io/library/hello:latest WORDS'],
    [
      'no endpoint',
      { result: 'not-found', reason: 'NoEndpoint' },
      404,
      'no endpoints found for docker.io/library/hello',
    ],
    ['blocked by the configuration', { result: 'not-found', reason: 'Blocked' }, 403, 'denied: '],
    ['a 401', { result: 'denied', attempts: [refused(401)] }, 401, 'unauthorized: '],
    ['a 403', { result: 'denied', attempts: [refused(403)] }, 403, 'denied: '],
    ['a 400 of the token server', { result: 'denied', attempts: [refused(400)] }, 401, 'unauthorized: '],
    [
      'a 403 of the mirror and a 404',
      { result: 'denied', attempts: [refused(403), attempt({})] },
      403,
      'denied: ',
    ],
    [
      'a 403, then a 401',
      { result: 'denied', attempts: [refused(403), refused(401)] },
      401,
      'unauthorized: ',
    ],
    [
      'a 403 where nodes may have an identity',
      {
        reason: 'NodeCredentials',
        attempts: [attempt({ result: 'unavailable', reason: 'NodeCredentials', status: 403 })],
      },
      403,
      'denied: ',
    ],
    [
      'a failure',
      { attempts: [attempt({ result: 'unavailable' })] },
      503,
      'docker.io/library/hello:latest WORDS',
    ],
    ['a rate limit at last', { attempts: [attempt({}), limited] }, 429, 'toomanyrequests: '],
    [
      'a rate limit of the mirror only',
      { attempts: [limited, attempt({ result: 'tls' })] },
      503,
      'docker.io/',
    ],
    [
      'a rate limit, and an endpoint that does not count',
      { attempts: [limited, attempt({ result: 'skipped', reason: 'Blocked' })] },
      429,
      'toomanyrequests: ',
    ],
    [
      'an endpoint that is left alone',
      { attempts: [attempt({ result: 'skipped', reason: 'RateLimited', retryAfterMs: 1 })] },
      429,
      'toomanyrequests: ',
    ],
    [
      'nothing that counts',
      { attempts: [attempt({ result: 'skipped', reason: 'NodeLocal' })] },
      503,
      'docker.io/',
    ],
  ];

  test.each(cases)('of %s', (_what, detail, status, words) => {
    const { status: got, body } = answer(detail);
    expect(got).toBe(status);
    expect(String(body['message']).startsWith(words)).toBe(true);
  });

  test('a rate limit tells when to ask again, if the registry did, in whole seconds', () => {
    const after = (retry: Partial<Attempt>) =>
      answer({ attempts: [attempt({ ...limited, ...retry })] }).headers['retry-after'];
    expect([after({}), after({ retryAfterMs: 1 }), after({ retryAfterMs: 1_001 })]).toEqual([
      undefined,
      '1',
      '2',
    ]);
  });
});
