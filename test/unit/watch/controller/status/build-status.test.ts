import type { PartsReport } from '../../../../../src/resolve/parts/part.ts';
import { describe, expect, test } from '@jest/globals';
import { digestFor, inspectionOf, platforms } from '../../../judge/scripted-inspector.ts';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import { after, attempt, condition, digest, inputs, judged, noon, object, seen } from './inputs.ts';

describe('the status of an available image', () => {
  test('has all fields', () => {
    expect(buildStatus(inputs())).toEqual({
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
      usedBy: { pods: 0, workloads: 0, names: [], since: '2026-01-02T12:00:00Z' },
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
        {
          type: 'Ready',
          status: 'True',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-02T12:00:00Z',
          reason: 'Available',
          message: 'docker.io/library/nginx:1.27 found',
        },
        {
          type: 'Stalled',
          status: 'False',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-02T12:00:00Z',
          reason: 'NotStalled',
          message: 'inspections are repeated',
        },
        {
          type: 'Reconciling',
          status: 'False',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-02T12:00:00Z',
          reason: 'Inspected',
          message: 'the status is about this spec',
        },
      ],
    });
  });

  test('summarizes five platforms and counts the rest', () => {
    const many = platforms(
      'linux/386',
      'linux/amd64',
      'linux/arm/v6',
      'linux/arm/v7',
      'linux/arm64',
      'linux/s390x',
    );
    expect(buildStatus(inputs({ sets: [seen(many)] })).platformSummary).toBe(
      'linux/386,linux/amd64,linux/arm/v6,linux/arm/v7,linux/arm64,+1',
    );
  });

  test('marks a remembered result and its time', () => {
    const stale = seen({
      stale: true,
      message: 'is old; that was 5 min ago',
      attempts: [attempt({ result: 'unavailable', status: 503, message: 'answered 503' })],
    });
    const status = buildStatus(inputs({ sets: [stale] }));
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
      'with a reason that is not one word',
      judged({ result: 'not-found', reason: 'a b\n' }),
      'False NotFound',
      'Unknown NotAvailable',
    ],
  ];

  test.each(cases)('%s', (_, set, available, satisfied) => {
    const status = buildStatus(inputs({ sets: [set] }));
    const [first, second] = [condition(status, 'Available'), condition(status, 'PlatformsSatisfied')];
    expect([`${first.status} ${first.reason}`, `${second.status} ${second.reason}`]).toEqual([
      available,
      satisfied,
    ]);
  });

  test('have the message of the verdict after the image and its group', () => {
    const message =
      'does not exist: mirror https://mirror.corp/v2 answered 404. Check the tag, or push the image.';
    const status = buildStatus(
      inputs({ sets: [judged({ result: 'not-found', message, where: 'node group gpu' })] }),
    );
    expect(condition(status, 'Available').message).toBe(
      `docker.io/library/nginx:1.27 (node group gpu) ${message}`,
    );
  });

  test('keep their transition time until their status changes, and have the current generation', () => {
    const first = buildStatus(inputs());
    const later = noon + 60_000;
    const same = after(first, { now: later, sets: [seen({ stale: true })] });
    expect(condition(same, 'Available').lastTransitionTime).toBe('2026-01-02T12:00:00Z');
    const gone = buildStatus(
      inputs({
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

describe('the conditions of kstatus', () => {
  test.each([
    ['available', 'True', 'False'],
    ['not-checked', 'True', 'False'],
    ['not-found', 'False', 'False'],
    ['denied', 'False', 'False'],
    ['platform-missing', 'False', 'False'],
    ['invalid', 'False', 'True'],
    ['unavailable', 'Unknown', 'False'],
  ] as const)('of the result %s: Ready %s, Stalled %s', (result, ready, stalled) => {
    const status = buildStatus(inputs({ sets: [judged({ result, message: 'is explained' })] }));
    expect(condition(status, 'Ready')).toMatchObject({
      status: ready,
      message: expect.stringContaining('nginx:1.27'),
    });
    expect(condition(status, 'Stalled').status).toBe(stalled);
    expect(condition(status, 'Reconciling').status).toBe('False');
  });

  test('name a result without a reason in PascalCase', () => {
    const status = buildStatus(inputs({ sets: [judged({ result: 'platform-missing' })] }));
    expect(condition(status, 'Ready').reason).toBe('PlatformMissing');
  });
});

describe('an image text', () => {
  test('that is not a reference is invalid without an inspection', () => {
    const status = buildStatus(inputs({ image: 'Nginx:1', sets: [] }));
    expect(status).toMatchObject({ result: 'invalid', reason: 'Uppercase', credentials: [] });
    expect(status.reference).toBeUndefined();
    expect(condition(status, 'Available').message).toMatch(/^"Nginx:1" is not an image reference: /);
  });

  test('that is an image ID is not checked', () => {
    const status = buildStatus(inputs({ image: digest('id'), sets: [] }));
    expect(status).toMatchObject({ result: 'not-checked', reason: 'ImageId' });
  });

  test('that was not inspected yet is not checked', () => {
    expect(buildStatus(inputs({ sets: [] }))).toMatchObject({
      result: 'not-checked',
      reason: 'NotInspected',
    });
  });
});

describe('several credential sets', () => {
  const refused = inspectionOf('nginx:1.27', { result: 'denied', message: 'needs credentials' });
  const sets = [
    judged({}, 'regcred'),
    judged({ result: 'denied', inspection: refused, message: 'needs credentials' }),
  ];

  test('report the worst result and name its credentials', () => {
    const status = buildStatus(inputs({ sets }));
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

  test('keep the image of the sets that may read it', () => {
    expect(buildStatus(inputs({ sets })).digest).toBe(digestFor('nginx:1.27'));
  });

  test('count once if equal, as the worse', () => {
    const status = buildStatus(
      inputs({ sets: [judged(), judged({ result: 'not-found', inspection: null })] }),
    );
    expect(status.credentials).toEqual([
      { serviceAccountName: 'default', imagePullSecrets: [], result: 'not-found' },
    ]);
  });

  test('report the missing platforms of all', () => {
    const lacking = (platform: string, secret: string) =>
      judged({ result: 'platform-missing', missingPlatforms: [platform], message: 'lacks' }, secret);
    const status = buildStatus(inputs({ sets: [lacking('linux/arm64', 'a'), lacking('linux/s390x', 'b')] }));
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

  test('have one entry each', () => {
    const status = buildStatus(inputs({ sets: [seen({ attempts })] }));
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
    const found = condition(buildStatus(inputs({ parts: reports })), 'PartsPresent');
    expect(`${found.status} ${found.reason}`).toBe(wanted);
  });

  test.each<[string, Parameters<typeof attempt>[0][], string]>([
    ['all the same', [{}, { role: 'upstream' }], 'True SameDigest'],
    ['a mirror without the image', [{ result: 'not-found', digest: null }, {}], 'True SameDigest'],
    ['another digest', [{}, { digest: digest('other') }], 'False DigestsDiffer'],
    ['one that does not answer', [{}, { result: 'unavailable', digest: null }], 'Unknown NotAllAnswered'],
    ['credentials that expired', [{ result: 'denied', digest: null }, {}], 'Unknown NotAllAnswered'],
    ['none that serves', [{ result: 'not-found', digest: null }], 'Unknown NotAllAnswered'],
  ])('comparison, %s', (_, each, wanted) => {
    const comparison = inspectionOf('nginx:1.27', { attempts: each.map(attempt) });
    const { status, reason } = condition(buildStatus(inputs({ comparison })), 'MirrorsConsistent');
    expect(`${status} ${reason}`).toBe(wanted);
  });
});
