import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Judge } from '../../../src/judge/judge.ts';
import type { Judgement } from '../../../src/judge/judgement.ts';
import { configuredPlatforms } from '../../../src/judge/nodes/placement/static-placement.ts';
import type { EligibleGroup } from '../../../src/judge/nodes/group.ts';
import type { PolicyConfig } from '../../../src/judge/policy/schema.ts';
import { type Subject, subjectOf } from '../../../src/judge/subject.ts';
import { type PodContext, standalone } from '../../../src/judge/cluster-context.ts';
import { templateOf } from '../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../src/resolve/credentials/credential.ts';
import { deadlineIn } from '../../../src/util/async/deadline.ts';
import { upstreamOnly } from '../../../src/resolve/endpoints/default.ts';
import type { MirrorList } from '../../../src/resolve/endpoints/endpoint.ts';
import type { Inspection, Inspector, InspectRequest } from '../../../src/resolve/inspection/inspection.ts';
import { deployment, type Json, pod } from '../../kit/fakes/pods.ts';
import { allAt, groupOf } from './eligible-groups.ts';
import { policiesOf } from './policies-of.ts';
import { digestFor, platforms, type Script, ScriptedInspector } from './scripted-inspector.ts';

const nodes = configuredPlatforms(platforms('linux/amd64', 'linux/arm64').platforms);
const around = (inspector: Inspector, eligible: EligibleGroup['eligible'] = nodes): PodContext =>
  standalone(anonymous, allAt(inspector, eligible));
const gone = { result: 'not-found', message: 'not there' } as const;
const silent = { result: 'unavailable', message: 'nobody answers' } as const;

interface Setting {
  readonly script?: Script;
  readonly policy?: Partial<PolicyConfig>;
  readonly subject?: Partial<Subject>;
  readonly podContext?: Partial<PodContext>;
  /** null: any platform will do. */
  readonly eligible?: EligibleGroup['eligible'];
  readonly inspector?: ScriptedInspector;
}

function subjectFrom(object: Json, changes: Partial<Subject> = {}): Subject {
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  return { ...subjectOf(workload, 'default'), ...changes };
}

function judge(
  object: Json,
  { script, policy, subject, podContext, eligible, inspector = new ScriptedInspector(script) }: Setting = {},
): Promise<Judgement> {
  return new Judge(policiesOf(policy)).judge({
    subject: subjectFrom(object, subject),
    podContext: { ...around(inspector, eligible), ...podContext },
    deadline: deadlineIn(5_000),
    purpose: 'admission',
  });
}

describe('results', () => {
  const web = (image: string, pullPolicy = 'Always'): Json =>
    pod('web').container(image, { pullPolicy }).build();

  test.each<[string, Json, Setting, string, string | null, string]>([
    ['an image that is there', web('nginx:1'), {}, 'available', null, 'allow'],
    ['one that is not', web('nginx:1'), { script: { 'nginx:1': gone } }, 'not-found', null, 'deny'],
    ['no name at all', web(''), {}, 'invalid', 'Empty', 'deny'],
    ['a name that cannot be', web('nginx:1:2'), {}, 'invalid', 'Format', 'deny'],
    ['scratch', web('scratch'), {}, 'invalid', 'Reserved', 'deny'],
    ['a bare image ID', web(`sha256:${'a'.repeat(64)}`), {}, 'not-checked', 'ImageId', 'allow'],
    ['bare hexadecimal digits', web('a'.repeat(64)), {}, 'not-checked', 'ImageId', 'allow'],
    [
      'imagePullPolicy Never',
      web('nginx:1', 'Never'),
      { script: { 'nginx:1': gone } },
      'not-checked',
      'PullPolicyNever',
      'allow',
    ],
    [
      'schema 1',
      web('nginx:1'),
      { script: { 'nginx:1': { kind: 'schema1' } } },
      'invalid',
      'Schema1',
      'deny',
    ],
    [
      'an artifact',
      web('nginx:1'),
      { script: { 'nginx:1': { kind: 'artifact', platforms: [] } } },
      'invalid',
      'Artifact',
      'deny',
    ],
    [
      'mode off',
      web('nginx:1'),
      { policy: { mode: 'off' }, script: { 'nginx:1': gone } },
      'not-checked',
      'PolicyOff',
      'allow',
    ],
    [
      'no eligible node',
      web('nginx:1'),
      { podContext: { eligibleGroups: [] }, script: { 'nginx:1': gone } },
      'not-checked',
      'NoEligibleNode',
      'allow',
    ],
    [
      'platforms that are not known',
      web('nginx:1'),
      { script: { 'nginx:1': { kind: 'image', platforms: [], platformsComplete: false } } },
      'available',
      null,
      'allow',
    ],
    [
      'a platform too few, where not all are known',
      web('nginx:1'),
      { script: { 'nginx:1': { ...platforms('linux/amd64'), platformsComplete: false } } },
      'available',
      null,
      'allow',
    ],
    [
      'an index that is empty, or has attestations only',
      web('nginx:1'),
      { script: { 'nginx:1': { platforms: [] } } },
      'platform-missing',
      null,
      'deny',
    ],
    [
      'a platform too few, platforms all, no affinity',
      web('nginx:1'),
      { policy: { platforms: 'all', nodeAffinity: 'off' }, script: { 'nginx:1': platforms('linux/amd64') } },
      'platform-missing',
      null,
      'deny',
    ],
    [
      'a platform too few, no affinity',
      web('nginx:1'),
      { policy: { nodeAffinity: 'off' }, script: { 'nginx:1': platforms('linux/amd64') } },
      'platform-missing',
      null,
      'warn',
    ],
    [
      'a platform too few, by default',
      web('nginx:1'),
      { script: { 'nginx:1': platforms('linux/amd64') } },
      'available',
      null,
      'allow',
    ],
    [
      'no platform of the nodes, any will do',
      web('nginx:1'),
      { policy: { platforms: 'any' }, script: { 'nginx:1': platforms('linux/s390x') } },
      'platform-missing',
      null,
      'deny',
    ],
    [
      'no platform of the nodes, nobody minds',
      web('nginx:1'),
      { policy: { platforms: 'off' }, script: { 'nginx:1': platforms('linux/s390x') } },
      'available',
      null,
      'allow',
    ],
    [
      'nothing required',
      web('nginx:1'),
      { eligible: null, script: { 'nginx:1': platforms('linux/s390x') } },
      'available',
      null,
      'allow',
    ],
    [
      'gone, but on a node',
      web('nginx:1', 'IfNotPresent'),
      { podContext: { isOnNode: () => true }, script: { 'nginx:1': gone } },
      'not-checked',
      'PresentOnNode',
      'allow',
    ],
    [
      'unavailable, but on a node',
      web('nginx:1', 'IfNotPresent'),
      { podContext: { isOnNode: () => true }, script: { 'nginx:1': silent } },
      'not-checked',
      'PresentOnNode',
      'allow',
    ],
    [
      'gone and on a node, always pulled',
      web('nginx:1'),
      { podContext: { isOnNode: () => true }, script: { 'nginx:1': gone } },
      'not-found',
      null,
      'deny',
    ],
    [
      'refused credentials, on a node',
      web('nginx:1', 'IfNotPresent'),
      {
        podContext: { isOnNode: () => true },
        policy: { onDenied: 'deny' },
        script: { 'nginx:1': { result: 'denied' } },
      },
      'denied',
      null,
      'deny',
    ],
  ])('%s', async (_title, object, setting, result, reason, decision) => {
    const judgement = await judge(object, setting);
    expect(judgement.images.map((image) => [image.result, image.reason])).toEqual([[result, reason]]);
    expect(judgement).toMatchObject({ decision, reason: result });
  });

  describe('an image of earlier pods while no registry is reachable', () => {
    const earlier = digestFor('earlier');
    const script = { 'nginx:1': silent, [`nginx@${earlier}`]: silent, [`nginx:1@${earlier}`]: silent };
    const judged = async (holds: (reference: { digest: string | null }) => boolean) => {
      const podContext = { isOnNode: holds, earlierDigest: () => earlier };
      const { images, patch } = await judge(web('nginx:1', 'IfNotPresent'), { podContext, script });
      return [images[0]?.result, images[0]?.pinned, patch.some(({ path }) => path.endsWith('/image'))];
    };

    test('is pinned to their digest if a node holds that digest', async () => {
      expect(await judged(() => true)).toEqual(['not-checked', `nginx:1@${earlier}`, true]);
    });

    test('is not pinned if nodes hold it by its tag alone, because by the digest it would not start', async () => {
      expect(await judged(({ digest }) => digest === null)).toEqual(['not-checked', 'nginx:1', false]);
    });

    test('is pinned to their digest if no node holds it', async () => {
      expect(await judged(() => false)).toEqual(['unavailable', `nginx:1@${earlier}`, true]);
    });
  });

  test.each<[string, object, string]>([
    ['an artifact', { kind: 'artifact', platforms: [] }, 'available'],
    [
      'a single manifest of another platform: only its files are used',
      { kind: 'image', ...platforms('linux/s390x') },
      'available',
    ],
    ['an index without the platforms of the nodes', platforms('linux/s390x'), 'platform-missing'],
    ['schema 1', { kind: 'schema1' }, 'invalid'],
  ])('an image volume that is %s', async (_title, changes, result) => {
    const object = pod('web').imageVolume('weights:7b').build();
    const judgement = await judge(object, { script: { 'weights:7b': changes } });
    expect(judgement.images.map((image) => image.result)).toEqual([result]);
  });

  test('an image that the mirror configuration rejects as written is invalid, without a request', async () => {
    const inspector = new ScriptedInspector();
    const mirrors: MirrorList = {
      ...upstreamOnly,
      refuse: (image) =>
        image.includes('/') ? null : { reason: 'ShortName', message: 'short names are off' },
    };
    const judgement = await new Judge(policiesOf()).judge({
      subject: subjectFrom(pod('p').container('nginx:1').container('quay.io/a:1').build()),
      podContext: standalone(anonymous, [{ group: groupOf(inspector, { mirrors }), eligible: nodes }]),
      deadline: deadlineIn(5_000),
      purpose: 'admission',
    });
    expect(judgement.images.map((image) => [image.result, image.reason])).toEqual([
      ['invalid', 'ShortName'],
      ['available', null],
    ]);
    expect(inspector.asked.filter((image) => image.includes('nginx'))).toEqual([]);
  });

  test('the reason is the worst result among the images with the final decision', async () => {
    const judgement = await judge(pod('p').container('nginx:1').container('quay.io/a:1').build(), {
      policy: { rules: [{ images: ['docker.io/**'], mode: 'warn' }] },
      script: { 'nginx:1': gone, 'quay.io/a:1': platforms('linux/s390x') },
    });
    expect(judgement).toMatchObject({ decision: 'deny', reason: 'platform-missing' });
  });

  test('a pod without images is allowed without a message', async () => {
    expect(await judge(pod('p').build())).toMatchObject({
      decision: 'allow',
      reason: 'none',
      message: '',
      patch: [],
    });
  });
});

describe('inspections of a judgement', () => {
  test('request each distinct image once, and a digest once for all tags beside it', async () => {
    const inspector = new ScriptedInspector();
    const digest = digestFor('nginx:1');
    const images = [
      'nginx:1',
      'docker.io/library/nginx:1',
      'nginx',
      `nginx:1@${digest}`,
      `nginx:2@${digest}`,
    ];
    const object = images.reduce((builder, image) => builder.container(image), pod('p')).build();
    await judge(object, { inspector, policy: { pin: 'off' } });
    expect(inspector.asked).toEqual([
      'docker.io/library/nginx:1',
      'docker.io/library/nginx:latest',
      `docker.io/library/nginx:1@${digest}`,
    ]);
  });

  test('request nothing if everything is cached', () => {
    const inspector = new ScriptedInspector({ 'nginx:1': gone });
    const hearing = () =>
      new Judge(policiesOf()).begin(
        subjectFrom(pod('p').container('nginx:1').container('nginx:2').build()),
        around(inspector),
      );
    expect(hearing().tryNow()).toBeNull();
    inspector.warm = true;
    expect(hearing().tryNow()).toMatchObject({ decision: 'deny', reason: 'not-found', late: false });
    expect(inspector.asked).toEqual([]);
  });

  test('count as unavailable at the deadline if a registry never answers, and the others keep their results', async () => {
    class Half extends ScriptedInspector {
      override inspect(
        request: Parameters<ScriptedInspector['inspect']>[0],
      ): ReturnType<ScriptedInspector['inspect']> {
        return request.reference.tag === '1' ? new Promise<never>(() => {}) : super.inspect(request);
      }
    }
    const judgement = await new Judge(policiesOf({ pin: 'off' })).judge({
      subject: subjectFrom(pod('p').container('nginx:1').container('nginx:2').build()),
      podContext: around(new Half({ 'nginx:2': gone })),
      deadline: deadlineIn(50),
      purpose: 'admission',
    });
    expect(judgement.images.map((image) => [image.result, image.reason])).toEqual([
      ['unavailable', 'Timeout'],
      ['not-found', null],
    ]);
    expect(judgement).toMatchObject({ decision: 'deny', late: true });
  });

  test('count if the inspector answers at the deadline', async () => {
    class Late extends ScriptedInspector {
      override async inspect(
        request: Parameters<ScriptedInspector['inspect']>[0],
      ): ReturnType<ScriptedInspector['inspect']> {
        await new Promise((resolve) => request.deadline.signal.addEventListener('abort', resolve));
        return { ...(await super.inspect(request)), stale: true };
      }
    }
    const judgement = await judgeLate(new Late());
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'available', late: true });
    expect(judgement.warnings).toEqual([expect.stringContaining('is not pinned: no registry is reachable')]);
  });

  function judgeLate(
    inspector: ScriptedInspector,
    object: Json = pod('p').container('nginx:1').build(),
  ): Promise<Judgement> {
    return new Judge(policiesOf()).judge({
      subject: subjectFrom(object),
      podContext: around(inspector),
      deadline: deadlineIn(50),
      purpose: 'admission',
    });
  }

  /** Answers at once, but for one image. */
  class Hanging extends ScriptedInspector {
    override inspect(request: InspectRequest): Promise<Inspection> {
      return request.reference.path.endsWith('hanging')
        ? new Promise<never>(() => {})
        : super.inspect(request);
    }
  }

  test('pins the images that answered in time, and warns about the one that did not', async () => {
    const object = pod('p').container('a:1').container('hanging:1').container('b:1').build();
    const judgement = await judgeLate(new Hanging(), object);
    expect(judgement).toMatchObject({ decision: 'warn', late: true });
    expect(judgement.images.map(({ pinned }) => pinned)).toEqual([
      `a:1@${digestFor('a:1')}`,
      'hanging:1',
      `b:1@${digestFor('b:1')}`,
    ]);
    expect(judgement.warnings).toEqual([
      'container "c1", image "hanging:1" (unavailable, Timeout): was not checked before the deadline. The check continues in the background: retry shortly.',
    ]);
  });

  test('does not wait for other images before it proves a digest', async () => {
    const inspector = new Hanging();
    await judgeLate(inspector, pod('p').container('hanging:1').container('a:1').build());
    expect(inspector.asked).toEqual(['docker.io/library/a:1', `docker.io/library/a:1@${digestFor('a:1')}`]);
  });

  test('asks for at most 16 images at a time, and for each once', async () => {
    let [open, most] = [0, 0];
    class Counting extends ScriptedInspector {
      override async inspect(request: InspectRequest): Promise<Inspection> {
        most = Math.max(most, ++open);
        await setImmediate();
        open--;
        return super.inspect(request);
      }
    }
    const inspector = new Counting();
    const object = Array.from({ length: 100 }, (_, index) => `app:${index}`).reduce(
      (into, image) => into.container(image),
      pod('p'),
    );
    await judge(object.build(), { inspector });
    expect(most).toBe(16);
    expect(inspector.asked).toHaveLength(200);
    expect(new Set(inspector.asked).size).toBe(200);
  });

  test('reject the judgement if the inspector has a programming error', async () => {
    class Broken extends ScriptedInspector {
      override inspect(): Promise<never> {
        return Promise.reject(new TypeError('undefined is not a function'));
      }
    }
    await expect(judgeLate(new Broken())).rejects.toThrow('undefined is not a function');
  });
});

describe('pins', () => {
  const pinned = (image: string): string => `${image}@${digestFor(image)}`;
  const carried = ({ images }: Judgement): readonly string[] => images.map((image) => image.pinned);

  test('every image gets its digest appended to the written text', async () => {
    const object = pod('p')
      .container('nginx')
      .init('reg:5000/a')
      .imageVolume('quay.io/b:1')
      .ephemeral('c:1')
      .build();
    expect(carried(await judge(object)).toSorted()).toEqual(
      ['c:1', 'nginx', 'quay.io/b:1', 'reg:5000/a'].map(pinned),
    );
  });

  test.each<[string, Setting]>([
    ['pin: off', { policy: { pin: 'off' } }],
    ['audit', { policy: { mode: 'audit' } }],
    ['off', { policy: { mode: 'off' } }],
    ['a stale answer', { script: { 'nginx:1': { stale: true } } }],
    ['an image that is not there', { script: { 'nginx:1': gone } }],
    ['one for other platforms', { script: { 'nginx:1': platforms('linux/s390x') } }],
    ['one whose digest was there some time ago', { script: { [pinned('nginx:1')]: { stale: true } } }],
    ['one that cannot be pulled by its digest', { script: { [pinned('nginx:1')]: gone } }],
    ['a pod in its final state', { subject: { final: true } }],
  ])('there is no pin for %s', async (_title, setting) => {
    expect(carried(await judge(pod('p').container('nginx:1').build(), setting))).toEqual(['nginx:1']);
  });

  test.each<[string, Setting]>([
    ['warns', { policy: { mode: 'warn' }, script: { 'nginx:1': platforms('linux/s390x') } }],
    [
      'fits some nodes, where that is enough',
      { policy: { nodeAffinity: 'off' }, script: { 'nginx:1': platforms('linux/amd64') } },
    ],
  ])('an image for other platforms whose policy %s is admitted and pinned', async (_title, setting) => {
    const script = { ...setting.script, [pinned('nginx:1')]: setting.script?.['nginx:1'] ?? {} };
    const judgement = await judge(pod('p').container('nginx:1').build(), { ...setting, script });
    expect(judgement.decision).toBe('warn');
    expect(carried(judgement)).toEqual([pinned('nginx:1')]);
  });

  test('a written digest stays', async () => {
    const judgement = await judge(pod('p').container(pinned('nginx:1')).build());
    expect(carried(judgement)).toEqual([pinned('nginx:1')]);
  });

  test('the digest of earlier pods of the same owner is used without a request for the tag', async () => {
    const earlier = digestFor('nginx:0');
    const inspector = new ScriptedInspector();
    const judgement = await judge(pod('p').container('nginx:1').build(), {
      inspector,
      podContext: { earlierDigest: () => earlier },
    });
    expect(carried(judgement)).toEqual([`nginx:1@${earlier}`]);
    expect(inspector.asked).toEqual([`docker.io/library/nginx:1@${earlier}`]);
  });

  test('the digest of earlier pods is kept while no registry is reachable', async () => {
    const earlier = digestFor('nginx:0');
    const judgement = await judge(pod('p').container('nginx:1').build(), {
      script: { [`nginx:1@${earlier}`]: silent },
      podContext: { earlierDigest: () => earlier },
    });
    expect(judgement).toMatchObject({ decision: 'warn', reason: 'unavailable' });
    expect(carried(judgement)).toEqual([`nginx:1@${earlier}`]);
  });

  test('the tag is resolved again, with a warning, if the digest of earlier pods is gone', async () => {
    const earlier = digestFor('nginx:0');
    const judgement = await judge(pod('p').container('nginx:1').build(), {
      script: { [`nginx:1@${earlier}`]: gone },
      podContext: { earlierDigest: () => earlier },
    });
    expect(carried(judgement)).toEqual([pinned('nginx:1')]);
    expect(judgement.notes).toEqual([
      `container "c0", image "nginx:1" was ${earlier.slice(0, 19)} in earlier pods, which no longer exists; the tag was resolved again`,
    ]);
  });

  test('the same manifest applied again keeps the digest of the stored object', async () => {
    const earlier = digestFor('nginx:0');
    const template = (image: string): Json => deployment('api', pod('').container(image));
    const old = templateOf(template(`nginx:1@${earlier}`));
    const judgement = await judge(template('nginx:1'), { policy: { pin: 'templates' }, subject: { old } });
    expect(judgement.patch).toContainEqual({
      op: 'replace',
      path: '/spec/template/spec/containers/0/image',
      value: `nginx:1@${earlier}`,
    });
  });

  test('templates are patched only with pin: templates, and get no verdict annotation', async () => {
    const object = deployment('api', pod('').container('nginx:1'));
    const byPods = await judge(object);
    expect([byPods.patch, carried(byPods)]).toEqual([[], [pinned('nginx:1')]]);
    const { patch } = await judge(object, { policy: { pin: 'templates' } });
    expect(patch.map(({ path }) => path)).toEqual([
      '/spec/template/spec/containers/0/image',
      '/spec/template/metadata/annotations',
      '/spec/template/metadata/annotations/pratique.dev~1original-images',
    ]);
  });

  test.each(['audit', 'off'] as const)('mode %s changes nothing and gives no message', async (mode) => {
    const object = pod('p').container('nginx:1').container('nginx:2').build();
    const judgement = await judge(object, {
      policy: { mode },
      script: { 'nginx:2': gone },
    });
    expect(judgement).toMatchObject({ decision: 'allow', message: '', warnings: [], patch: [] });
  });
});

describe('requireDigest', () => {
  const policy = { requireDigest: true } as const;
  const web = pod('web').container('nginx:1', { name: 'web' }).build();

  test('a final state without a digest is denied, and the message has the reference to write', async () => {
    const judgement = await judge(web, { policy, subject: { final: true } });
    expect(judgement.decision).toBe('deny');
    expect(judgement.message).toBe(
      'container "web", image "nginx:1" (available): has no digest, which the policy requires. ' +
        `Write nginx:1@${digestFor('nginx:1')}`,
    );
  });

  test('the mutating pass does not deny a pod that it pins', async () => {
    expect((await judge(web, { policy })).decision).toBe('allow');
    expect((await judge(web, { policy: { ...policy, pin: 'off' } })).decision).toBe('deny');
  });

  test.each<[string, Partial<PolicyConfig>, string]>([
    ['pods', {}, 'allow'],
    ['templates', { pin: 'templates' }, 'deny'],
    ['off', { pin: 'off' }, 'deny'],
  ])('the final state of a template, pin: %s', async (_pin, changes, decision) => {
    const object = deployment('api', pod('').container('nginx:1'));
    const judgement = await judge(object, { policy: { ...policy, ...changes }, subject: { final: true } });
    expect(judgement.decision).toBe(decision);
  });

  test('one warning has both the result and the missing digest', async () => {
    const judgement = await judge(web, {
      policy: { ...policy, mode: 'warn' },
      script: { 'nginx:1': silent },
      subject: { final: true },
    });
    expect(judgement.warnings).toEqual([
      'container "web", image "nginx:1" (unavailable): has no digest, which the policy requires, and its digest cannot be resolved now. Retry shortly.',
    ]);
  });

  test('an image that is not checked needs no digest', async () => {
    const object = pod('p').container('nginx:1', { pullPolicy: 'Never' }).build();
    expect((await judge(object, { policy, subject: { final: true } })).decision).toBe('allow');
  });
});
