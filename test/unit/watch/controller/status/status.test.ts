import type { PartsReport } from '../../../../../src/resolve/parts/part.ts';
import { describe, expect, test } from '@jest/globals';
import { digestFor, inspectionOf, platforms } from '../../../judge/scripted-inspector.ts';
import { statusOf } from '../../../../../src/watch/controller/status/status.ts';
import { after, attempt, condition, digest, facts, judged, noon, object, seen } from './inputs.ts';

describe('the status of an image that is there', () => {
  test('has what was found', () => {
    expect(statusOf(facts())).toEqual({
      observedGeneration: 1,
      reference: 'docker.io/library/nginx:1.27',
      result: 'available',
      digest: digestFor('nginx:1.27'),
      digestShort: digestFor('nginx:1.27').slice(7, 19),
      manifestKind: 'index',
      mediaType: 'application/vnd.oci.image.index.v1+json',
      size: 1024,
      platforms: ['linux/amd64', 'linux/arm64'],
      platformsComplete: true,
      platformSummary: 'linux/amd64,linux/arm64',
      missingPlatforms: [],
      endpoint: 'https://mirror.corp/v2',
      lastSeen: '2026-01-02T03:04:05Z',
      endpoints: [],
      credentials: [
        {
          serviceAccountName: 'default',
          imagePullSecrets: [],
          result: 'available',
          digest: digestFor('nginx:1.27'),
        },
      ],
      pins: [],
      running: [],
      usedBy: { pods: 0, workloads: 0 },
      lastInspected: '2026-01-02T12:00:00Z',
      conditions: [
        {
          type: 'Available',
          status: 'True',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-02T12:00:00Z',
          reason: 'ImageFound',
          message: 'docker.io/library/nginx:1.27 found',
        },
        {
          type: 'PlatformsSatisfied',
          status: 'True',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-02T12:00:00Z',
          reason: 'AllPlatformsPresent',
          message: 'docker.io/library/nginx:1.27 has every platform that it needs',
        },
        {
          type: 'Drifted',
          status: 'False',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-02T12:00:00Z',
          reason: 'NotRunning',
          message: 'docker.io/library/nginx:1.27 runs in no pod',
        },
      ],
    });
  });

  test('names five platforms and counts the rest', () => {
    const many = platforms(
      'linux/386',
      'linux/amd64',
      'linux/arm/v6',
      'linux/arm/v7',
      'linux/arm64',
      'linux/s390x',
    );
    expect(statusOf(facts({ sets: [seen(many)] })).platformSummary).toBe(
      'linux/386,linux/amd64,linux/arm/v6,linux/arm/v7,linux/arm64,+1',
    );
  });

  test('tells a remembered answer from a new one, and how old it is', () => {
    const stale = seen({
      stale: true,
      message: 'is old; that was 5 min ago',
      attempts: [attempt({ result: 'unavailable', status: 503, message: 'answered 503' })],
    });
    const status = statusOf(facts({ sets: [stale] }));
    expect(status.lastSeen).toBe('2026-01-02T03:04:05Z');
    expect(condition(status, 'Available')).toMatchObject({
      status: 'True',
      reason: 'LastKnown',
      message: `docker.io/library/nginx:1.27 is ${digestFor('nginx:1.27')} (linux/amd64, linux/arm64) at https://mirror.corp/v2; that is remembered, as no registry answers now: mirror https://mirror.corp/v2: answered 503`,
    });
  });
});

describe('the conditions of an image', () => {
  const unavailable = inspectionOf('nginx:1.27', { result: 'unavailable', message: 'could not be checked' });
  const cases: readonly (readonly [string, ReturnType<typeof judged>, string, string])[] = [
    ['found', judged(), 'True ImageFound', 'True AllPlatformsPresent'],
    [
      'that lacks a platform',
      judged({ result: 'platform-missing', message: 'lacks linux/s390x', missingPlatforms: ['linux/s390x'] }),
      'True ImageFound',
      'False PlatformMissing',
    ],
    [
      'that may lack a platform',
      judged({
        inspection: inspectionOf('nginx:1.27', { platformsComplete: false }),
        message: 'may lack linux/s390x',
        notes: ['may lack linux/s390x'],
      }),
      'True ImageFound',
      'Unknown PlatformUnknown',
    ],
    [
      'of which a part is not known, and which fits all the same',
      judged({
        inspection: inspectionOf('nginx:1.27', { platformsComplete: false }),
        notes: ['is not pinned: why'],
      }),
      'True ImageFound',
      'True AllPlatformsPresent',
    ],
    ['that is not there', judged({ result: 'not-found' }), 'False NotFound', 'Unknown NotAvailable'],
    [
      'for which there is no endpoint',
      judged({ result: 'not-found', reason: 'NoEndpoint' }),
      'False NoEndpoint',
      'Unknown NotAvailable',
    ],
    ['that is refused', judged({ result: 'denied' }), 'False Denied', 'Unknown NotAvailable'],
    [
      'of schema 1',
      judged({ result: 'invalid', reason: 'Schema1' }),
      'False Schema1',
      'Unknown NotAvailable',
    ],
    [
      'that cannot be asked for',
      judged({ result: 'unavailable', inspection: unavailable }),
      'Unknown Unavailable',
      'Unknown NotAvailable',
    ],
    [
      'that comes too late',
      judged({ result: 'unavailable', reason: 'Timeout' }),
      'Unknown Timeout',
      'Unknown NotAvailable',
    ],
    [
      'that need not be asked for',
      judged({ result: 'not-checked', reason: 'PullPolicyNever', inspection: null }),
      'Unknown PullPolicyNever',
      'Unknown NotAvailable',
    ],
    [
      'with a reason that is no word',
      judged({ result: 'not-found', reason: 'a b\n' }),
      'False NotFound',
      'Unknown NotAvailable',
    ],
  ];

  test.each(cases)('%s', (_, set, available, satisfied) => {
    const status = statusOf(facts({ sets: [set] }));
    const [first, second] = [condition(status, 'Available'), condition(status, 'PlatformsSatisfied')];
    expect([`${first.status} ${first.reason}`, `${second.status} ${second.reason}`]).toEqual([
      available,
      satisfied,
    ]);
  });

  test('say the words of the verdict, after the image and where it holds', () => {
    const message =
      'does not exist: mirror https://mirror.corp/v2 answered 404. Check the tag, or push the image.';
    const status = statusOf(
      facts({ sets: [judged({ result: 'not-found', message, where: 'node group gpu' })] }),
    );
    expect(condition(status, 'Available').message).toBe(
      `docker.io/library/nginx:1.27 (node group gpu) ${message}`,
    );
  });

  test('keep their time until their status moves, and always have the generation they are about', () => {
    const first = statusOf(facts());
    const later = noon + 60_000;
    const same = after(first, { now: later, sets: [seen({ stale: true })] });
    expect(condition(same, 'Available').lastTransitionTime).toBe('2026-01-02T12:00:00Z');
    const gone = statusOf(
      facts({
        now: later,
        object: object({ status: first, generation: 2 }),
        sets: [judged({ result: 'not-found', inspection: null })],
      }),
    );
    expect(condition(gone, 'Available')).toMatchObject({
      lastTransitionTime: '2026-01-02T12:01:00Z',
      observedGeneration: 2,
    });
    expect(condition(gone, 'Drifted')).toMatchObject({
      lastTransitionTime: '2026-01-02T12:00:00Z',
      observedGeneration: 2,
    });
  });
});

describe('an image text', () => {
  test('that is no reference is invalid, although nobody was asked', () => {
    const status = statusOf(facts({ image: 'Nginx:1', sets: [] }));
    expect(status).toMatchObject({ result: 'invalid', reason: 'Uppercase', credentials: [] });
    expect(status.reference).toBeUndefined();
    expect(condition(status, 'Available').message).toMatch(/^"Nginx:1" is no image reference: /);
  });

  test('that is an image ID is not checked', () => {
    const status = statusOf(facts({ image: digest('id'), sets: [] }));
    expect(status).toMatchObject({ result: 'not-checked', reason: 'ImageId' });
  });

  test('for which nobody was asked yet is not checked', () => {
    expect(statusOf(facts({ sets: [] }))).toMatchObject({ result: 'not-checked', reason: 'NotInspected' });
  });
});

describe('several sets of credentials', () => {
  const refused = inspectionOf('nginx:1.27', { result: 'denied', message: 'needs credentials' });
  const sets = [
    judged({}, 'regcred'),
    judged({ result: 'denied', inspection: refused, message: 'needs credentials' }),
  ];

  test('the worst is the result, and says with which it is so', () => {
    const status = statusOf(facts({ sets }));
    expect(status.result).toBe('denied');
    expect(status.credentials).toEqual([
      { serviceAccountName: 'default', imagePullSecrets: [], result: 'denied' },
      {
        serviceAccountName: 'default',
        imagePullSecrets: ['regcred'],
        result: 'available',
        digest: digestFor('nginx:1.27'),
      },
    ]);
    expect(condition(status, 'Available').message).toBe(
      'docker.io/library/nginx:1.27 (service account default, no pull secrets) needs credentials',
    );
  });

  test('what the others were told is kept for them', () => {
    expect(statusOf(facts({ sets })).digest).toBe(digestFor('nginx:1.27'));
  });

  test('one that is given twice counts once, as the worse', () => {
    const status = statusOf(facts({ sets: [judged(), judged({ result: 'not-found', inspection: null })] }));
    expect(status.credentials).toEqual([
      { serviceAccountName: 'default', imagePullSecrets: [], result: 'not-found' },
    ]);
  });

  test('missing platforms are those of all', () => {
    const lacking = (platform: string, secret: string) =>
      judged({ result: 'platform-missing', missingPlatforms: [platform], message: 'lacks' }, secret);
    const status = statusOf(facts({ sets: [lacking('linux/arm64', 'a'), lacking('linux/s390x', 'b')] }));
    expect(status).toMatchObject({
      missingPlatforms: ['linux/arm64', 'linux/s390x'],
      missingSummary: 'linux/arm64,linux/s390x',
    });
  });
});

describe('endpoints', () => {
  const attempts = [
    attempt({ result: 'not-found', status: 404, digest: null, message: 'answered 404' }),
    attempt({
      endpoint: 'https://registry-1.docker.io/v2',
      role: 'upstream',
      platforms: inspectionOf('nginx').platforms,
    }),
    attempt({
      endpoint: 'https://local:5000/v2',
      result: 'skipped',
      reason: 'NodeLocal',
      status: null,
      digest: null,
    }),
  ];

  test('have a line each', () => {
    const status = statusOf(facts({ sets: [seen({ attempts })] }));
    expect(status.endpoints).toEqual([
      {
        endpoint: 'https://mirror.corp/v2',
        role: 'mirror',
        repository: 'library/nginx',
        result: 'not-found',
        status: 404,
        message: 'answered 404',
      },
      {
        endpoint: 'https://registry-1.docker.io/v2',
        role: 'upstream',
        repository: 'library/nginx',
        result: 'available',
        status: 200,
        digest: digest('nginx'),
        platformSummary: 'linux/amd64,linux/arm64',
        message: 'answered 200',
      },
      {
        endpoint: 'https://local:5000/v2',
        role: 'mirror',
        repository: 'library/nginx',
        result: 'skipped',
        reason: 'NodeLocal',
        message: 'answered 200',
      },
    ]);
  });

  test.each<[PartsReport['result'], string | null, string]>([
    ['available', null, 'True AllPartsPresent'],
    ['not-found', null, 'False PartsMissing'],
    ['platform-missing', null, 'False PartsMissing'],
    ['invalid', 'TooManyLayers', 'False TooManyLayers'],
    ['denied', null, 'Unknown PartsUnknown'],
    ['unavailable', 'DeadlineExceeded', 'Unknown PartsUnknown'],
  ])('parts of the worst mirror list that are %s', (result, reason, wanted) => {
    const report = { message: '', parts: [], missing: 0, unknown: 0, missingPlatforms: [] };
    const reports = [
      { ...report, result: 'available' as const, reason: null, warnings: [], attempts: [] },
      { ...report, result, reason, warnings: [], attempts: [] },
    ];
    const found = condition(statusOf(facts({ parts: reports })), 'PartsPresent');
    expect(`${found.status} ${found.reason}`).toBe(wanted);
  });

  test.each<[string, Parameters<typeof attempt>[0][], string]>([
    ['all the same', [{}, { role: 'upstream' }], 'True SameDigest'],
    ['a mirror without the image', [{ result: 'not-found', digest: null }, {}], 'True SameDigest'],
    ['another digest', [{}, { digest: digest('other') }], 'False DigestsDiffer'],
    ['one that does not answer', [{}, { result: 'unavailable', digest: null }], 'Unknown NotAllAnswered'],
    ['credentials that expired', [{ result: 'denied', digest: null }, {}], 'Unknown NotAllAnswered'],
    ['none that serves', [{ result: 'not-found', digest: null }], 'Unknown NotAllAnswered'],
  ])('compared, %s', (_, each, wanted) => {
    const compared = inspectionOf('nginx:1.27', { attempts: each.map(attempt) });
    const { status, reason } = condition(statusOf(facts({ compared })), 'MirrorsConsistent');
    expect(`${status} ${reason}`).toBe(wanted);
  });
});
