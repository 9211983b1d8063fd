/** Facts of any kind, hostile ones included, for property tests of the status. */
import * as fc from 'fast-check';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import { results } from '../../../../../src/judge/results.ts';
import type { Attempt, Inspection } from '../../../../../src/resolve/inspection/inspection.ts';
import type { Platform } from '../../../../../src/resolve/platform/platform.ts';
import type { StatusInputs } from '../../../../../src/watch/controller/status/inputs.ts';
import { anyText, anyUrl } from '../../../../kit/fakes/any-text.ts';
import { inspectionOf } from '../../../judge/scripted-inspector.ts';
import { record } from '../records.ts';
import { attempt, digest, object, verdict } from './inputs.ts';

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  anyText({ maxLength: 8 }),
  fc.constantFrom('', '\u001b[31m\n', '\ud800x', 'x'.repeat(5_000), '😀'.repeat(2_500)),
);
const reason = fc.oneof(fc.constantFrom(null, 'Schema1', 'Timeout', 'a b', ''), text);
const digests = fc.constantFrom('a', 'b', 'c', 'd').map(digest);
const clock = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
  fc.constantFrom(Number.NaN, -1, Infinity, 8.64e15),
);
const image = fc.constantFrom(
  'nginx:1.27',
  'docker.io/library/nginx:1.27',
  `nginx@${digest('a')}`,
  'NGINX',
  'redis',
);

const platform: fc.Arbitrary<Platform> = fc.record({
  os: fc.oneof(fc.constantFrom('linux', 'windows', ''), text),
  architecture: fc.oneof(fc.constantFrom('amd64', 'arm64'), text),
  variant: fc.oneof(fc.constantFrom('', 'v7'), text),
  osVersion: fc.oneof(fc.constantFrom('', '10.0.20348'), text),
  osFeatures: fc.array(text, { maxLength: 2 }),
});

const anyAttempt: fc.Arbitrary<Attempt> = fc
  .record({
    endpoint: fc.oneof(anyUrl(), text),
    role: fc.constantFrom('mirror', 'upstream'),
    repository: text,
    result: fc.constantFrom(
      'available',
      'not-found',
      'denied',
      'tls',
      'rate-limited',
      'malformed',
      'skipped',
    ),
    reason,
    status: fc.oneof(fc.constantFrom(null, 200, 404, -1), fc.integer()),
    digest: fc.option(digests),
    platforms: fc.option(fc.array(platform, { maxLength: 8 })),
    message: text,
  })
  .map((changes) => attempt(changes as Partial<Attempt>));

const inspection: fc.Arbitrary<Inspection> = fc
  .record({
    result: fc.constantFrom('available', 'not-found', 'denied', 'unavailable'),
    reason,
    kind: fc.constantFrom(null, 'index', 'image', 'artifact', 'schema1'),
    digest: fc.option(digests),
    mediaType: fc.option(text),
    size: fc.option(fc.oneof(fc.nat(), fc.constantFrom(-1, 1.5, Number.NaN, 2 ** 60))),
    platforms: fc.oneof(
      fc.array(platform, { maxLength: 8 }),
      fc.array(platform, { minLength: 70, maxLength: 80 }),
    ),
    platformsComplete: fc.boolean(),
    endpoint: fc.option(fc.oneof(anyUrl(), text)),
    stale: fc.boolean(),
    message: text,
    attempts: fc.array(anyAttempt, { maxLength: 18, size: 'small' }),
    inspectedAt: clock,
  })
  .map((changes) => inspectionOf('nginx:1.27', changes as Partial<Inspection>));

const set = fc
  .record({
    serviceAccount: fc.oneof(fc.constantFrom('default', ''), text),
    pullSecrets: fc.array(text, { maxLength: 40 }),
    result: fc.constantFrom(...results),
    reason,
    message: text,
    notes: fc.array(text, { maxLength: 2 }),
    where: text,
    missingPlatforms: fc.array(text, { maxLength: 80 }),
    inspection: fc.option(inspection),
  })
  .map(({ serviceAccount, pullSecrets, ...changes }) => {
    return { credentials: { serviceAccount, pullSecrets }, verdict: verdict(changes) };
  });

const user = fc
  .record({
    kind: fc.constantFrom('Pod', 'ReplicaSet'),
    number: fc.nat(60),
    owner: fc.option(fc.oneof(fc.nat(40).map(String), text)),
    container: fc.oneof(fc.constantFrom('web', 'volume:data'), text),
    isFinished: fc.boolean(),
    createdAt: clock,
    original: image,
    pin: fc.option(digests),
    running: fc.option(
      fc.oneof(
        digests,
        fc.nat(40).map((number) => digest(String(number))),
      ),
    ),
  })
  .map(({ number, owner, container, original, pin, running, ...rest }) =>
    record({
      ...rest,
      name: `p${number}`,
      owner: owner === null ? null : { kind: 'ReplicaSet', name: 'rs', uid: owner },
      images: [{ container, original, image: pin ? `${original}@${pin}` : original, running }],
    }),
  );

/** Without a status from before. */
export const anyInputs: fc.Arbitrary<StatusInputs> = fc
  .record({
    image,
    sets: fc.oneof(fc.array(set, { maxLength: 3 }), fc.array(set, { maxLength: 20 })),
    users: fc.array(user, { maxLength: 60 }),
    comparison: fc.option(inspection),
    lives: fc.boolean(),
    now: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  })
  .map(({ image, lives, ...inputs }) => ({
    ...inputs,
    object: object({ spec: { image } }),
    reference: referenceIn(image),
    ownerExists: () => lives,
  }));
