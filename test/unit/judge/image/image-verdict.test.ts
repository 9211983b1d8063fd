import { describe, expect, test } from '@jest/globals';
import { type PodContext, standalone } from '../../../../src/judge/cluster-context.ts';
import { Judge } from '../../../../src/judge/judge.ts';
import type { Judgement } from '../../../../src/judge/judgement.ts';
import type { EligibleGroup } from '../../../../src/judge/nodes/group.ts';
import { createLivePlacement } from '../../../../src/judge/nodes/placement/live-placement.ts';
import type { PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { type Subject, subjectOf } from '../../../../src/judge/subject.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import type { Reference } from '../../../../src/resolve/reference/reference.ts';
import { deployment, type Json, pod } from '../../../kit/fakes/pods.ts';
import { allAt, groupOf } from '../eligible-groups.ts';
import { FakeNodes, node } from '../nodes/nodes.ts';
import { policiesOf } from '../policies-of.ts';
import { digestFor, type Script, ScriptedInspector } from '../scripted-inspector.ts';

interface Setting {
  readonly script?: Script;
  readonly policy?: Partial<PolicyConfig>;
  readonly subject?: Partial<Subject>;
  readonly podContext?: Partial<PodContext>;
  readonly groups?: (inspector: ScriptedInspector) => readonly EligibleGroup[];
}

interface Asked {
  readonly judgement: Judgement;
  readonly asked: readonly string[];
}

function judgeAsking(object: Json, setting: Setting = {}): Asked {
  const inspector = new ScriptedInspector(setting.script);
  inspector.warm = true;
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  const asked: string[] = [];
  const peek = inspector.peek.bind(inspector);
  inspector.peek = (reference) => {
    asked.push(`${reference.path}:${reference.digest ?? reference.tag}`);
    return peek(reference);
  };
  const judgement = new Judge(policiesOf(setting.policy))
    .begin(
      { ...subjectOf(workload, 'shop'), ...setting.subject },
      { ...standalone(anonymous, setting.groups?.(inspector) ?? allAt(inspector)), ...setting.podContext },
    )
    .tryNow();
  if (!judgement) throw new Error('every inspection was known');
  return { judgement, asked };
}

const judge = (object: Json, setting?: Setting): Judgement => judgeAsking(object, setting).judgement;
const gone = { result: 'not-found', message: 'does not exist' } as const;
const silent = { result: 'unavailable', message: 'could not be checked' } as const;

describe('a placeholder', () => {
  const gateway = () => pod('gateway').label('sidecar.istio.io/inject', 'true').container('auto');
  const script = { auto: gone };

  test.each<[string, Json]>([
    ['auto in an injected template', deployment('gateway', gateway())],
    ['auto in an injected pod', gateway().build()],
    ['a space in a template', deployment('web', pod('web').container(' '))],
  ])('is not checked, pinned or asked for: %s', (_title, object) => {
    const { judgement, asked } = judgeAsking(object, { script, policy: { pin: 'templates' } });
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'not-checked', warnings: [] });
    expect(judgement.images).toMatchObject([{ result: 'not-checked', reason: 'Placeholder' }]);
    expect(judgement.patch.filter(({ path }) => path.endsWith('/image'))).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('is an image like any other in the final state of a pod', () => {
    const judgement = judge(gateway().build(), { script, subject: { final: true } });
    expect(judgement).toMatchObject({ decision: 'deny', reason: 'not-found' });
  });

  test('is not replaced, and so checked, without an injection', () => {
    expect(judge(deployment('web', pod('web').container('auto')), { script }).reason).toBe('not-found');
  });
});

describe('image volumes', () => {
  const object = pod('llm').container('serve:1').imageVolume('model:1', { name: 'model' }).build();
  const place =
    (...runtimes: readonly string[]) =>
    (inspector: ScriptedInspector): readonly EligibleGroup[] =>
      createLivePlacement({
        nodes: new FakeNodes(...runtimes.map((runtime, index) => node(`n${index}`).runtime(runtime).build())),
        groups: [groupOf(inspector)],
        additional: [],
        runtimeClass: () => undefined,
        ignoreRuntimeClasses: [],
      })({ spec: {} }).eligibleGroups;

  test.each([['containerd://1.7.27'], ['containerd://2.0.4'], ['cri-o://1.30.1']])(
    'are invalid if all nodes run %s',
    (runtime) => {
      const { judgement, asked } = judgeAsking(object, { groups: place(runtime) });
      expect(judgement).toMatchObject({ decision: 'deny', reason: 'invalid' });
      expect(judgement.images[1]).toMatchObject({ result: 'invalid', reason: 'NoImageVolumes' });
      expect(asked).not.toContain('library/model:1');
    },
  );

  test.each([['containerd://2.1.0'], ['cri-o://1.31.0'], ['docker://28.0.1'], ['']])(
    'are judged and pinned on nodes with %j',
    (runtime) => {
      const judgement = judge(object, { groups: place(runtime) });
      expect(judgement).toMatchObject({ decision: 'allow', warnings: [] });
      expect(judgement.images[1]?.pinned).toBe(`model:1@${digestFor('model:1')}`);
    },
  );

  test('are a warning if only some nodes lack them', () => {
    const judgement = judge(object, { groups: place('containerd://2.1.0', 'containerd://1.7.27') });
    expect(judgement.decision).toBe('allow');
    expect(judgement.warnings).toEqual([
      'volume "model", image "model:1" is an image volume, which some eligible nodes do not support: they need containerd 2.1 or CRI-O 1.31',
    ]);
  });

  test('without a reference are left to the API server', () => {
    const empty = pod('llm').container('serve:1').imageVolume('').build();
    expect(judge(empty).images.map(({ use }) => use.container)).toEqual(['c0']);
  });
});

describe('more than 256 different images', () => {
  const many = Array.from({ length: 257 }, (_, index) => `app:${index}`).reduce(
    (into, image) => into.container(image),
    pod('big'),
  );

  test.each<[Partial<PolicyConfig>, string]>([
    [{ mode: 'enforce' }, 'deny'],
    [{ mode: 'warn' }, 'warn'],
    [{ mode: 'audit' }, 'allow'],
  ])('are a verdict, with %j: %s', (policy, decision) => {
    const { judgement, asked } = judgeAsking(many.build(), { policy });
    expect(judgement).toMatchObject({ decision, reason: 'invalid' });
    expect(new Set(judgement.images.map(({ reason }) => reason))).toEqual(new Set(['TooManyImages']));
    expect(asked).toEqual([]);
  });

  test('are one line of the message', () => {
    const { message } = judge(many.build());
    expect(message).toMatch(/^container "c0", image "app:0" \(invalid, TooManyImages\): .* Split the pod\.$/);
  });
});

describe('the digest of earlier pods', () => {
  const earlier = digestFor('app:0');
  const byDigest = `app:1@${earlier}`;
  const object = pod('web').container('app:1', { pullPolicy: 'IfNotPresent' }).build();
  const holding =
    (...held: readonly string[]) =>
    ({ tag, digest }: Reference) =>
      held.includes(digest === null ? `tag ${tag}` : digest);
  const setting = (script: Script, more: Setting = {}): Setting => ({
    ...more,
    script,
    podContext: { earlierDigest: () => earlier, ...more.podContext },
  });

  test('is kept if tag and digest are gone and a node holds the digest', () => {
    const judgement = judge(
      object,
      setting({ 'app:1': gone, [byDigest]: gone }, { podContext: { isOnNode: holding(earlier) } }),
    );
    expect(judgement.decision).toBe('allow');
    expect(judgement.images).toMatchObject([
      { result: 'not-checked', reason: 'PresentOnNode', pinned: byDigest },
    ]);
  });

  test('is then admitted in its final state', () => {
    const pinned = pod('web').container(byDigest, { pullPolicy: 'IfNotPresent' }).build();
    const judgement = judge(pinned, {
      script: { [byDigest]: gone },
      podContext: { isOnNode: holding(earlier) },
      subject: { final: true },
    });
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'not-checked' });
  });

  test('is not kept if it is gone and the pod always pulls', () => {
    const always = pod('web').container('app:1', { pullPolicy: 'Always' }).build();
    const judgement = judge(
      always,
      setting({ [byDigest]: gone }, { podContext: { isOnNode: holding(earlier) } }),
    );
    expect(judgement.images).toMatchObject([{ result: 'available', pinned: `app:1@${digestFor('app:1')}` }]);
  });

  test('is not kept if it would be denied and the tag is available', () => {
    const judgement = judge(object, setting({ [byDigest]: silent }, { policy: { onUnavailable: 'deny' } }));
    expect(judgement.decision).toBe('allow');
    expect(judgement.images).toMatchObject([{ pinned: `app:1@${digestFor('app:1')}` }]);
    expect(judgement.notes).toEqual([
      `container "c0", image "app:1" was ${earlier.slice(0, 19)} in earlier pods, which would be denied now: it could not be checked`,
    ]);
  });

  test('is not used for an image that only the tag of which a node holds while no registry serves it', () => {
    const judgement = judge(
      object,
      setting({ 'app:1': silent, [byDigest]: silent }, { podContext: { isOnNode: holding('tag 1') } }),
    );
    expect(judgement.images).toMatchObject([{ reason: 'PresentOnNode', pinned: 'app:1' }]);
  });
});

test('a warning of the inspection about some nodes is a warning of the pod', () => {
  const warning = {
    code: 'NodesRefuse',
    message: 'containerd 1.7 refuses text/plain; repair the mirror',
    source: null,
  };
  const { decision, warnings } = judge(pod('web').container('app:1').build(), {
    script: { 'app:1': { warnings: [warning] } },
  });
  expect([decision, warnings]).toEqual([
    'allow',
    [
      'container "c0", image "app:1" may not be pulled by every node: containerd 1.7 refuses text/plain; repair the mirror',
    ],
  ]);
});

test('a namespace label without effect is a warning of both webhooks', () => {
  const podContext = { labels: { 'pratique.dev/mode': 'enforec' } };
  const object = pod('web').container('app:1').build();
  const wanted = [
    'namespace label pratique.dev/mode=enforec is ignored: it is not enforce, warn, audit or off',
  ];
  expect(judge(object, { podContext }).notes).toEqual(wanted);
  expect(judge(object, { podContext, subject: { final: true } }).warnings).toEqual(wanted);
});
