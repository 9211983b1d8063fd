/** Images that fit only some eligible nodes: which pods get a node affinity, a warning or a denial. */
import { describe, expect, test } from '@jest/globals';
import { type PodContext, standalone } from '../../../src/judge/cluster-context.ts';
import { Judge } from '../../../src/judge/judge.ts';
import type { Judgement } from '../../../src/judge/judgement.ts';
import { createLivePlacement } from '../../../src/judge/nodes/placement/live-placement.ts';
import type { PolicyConfig } from '../../../src/judge/policy/schema.ts';
import { type Subject, subjectOf } from '../../../src/judge/subject.ts';
import { templateOf } from '../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../src/resolve/credentials/credential.ts';
import { deployment, type Json, pod, type PodBuilder } from '../../kit/fakes/pods.ts';
import { groupOf } from './eligible-groups.ts';
import { FakeNodes, node } from './nodes/nodes.ts';
import { policiesOf } from './policies-of.ts';
import { digestFor, platforms, ScriptedInspector } from './scripted-inspector.ts';

const amd64Only = platforms('linux/amd64');
const script = { 'amd:1': amd64Only, [`amd:1@${digestFor('amd:1')}`]: amd64Only };
const cluster = new FakeNodes(
  node('amd-1').build(),
  node('amd-2').build(),
  node('arm-1', 'linux/arm64').build(),
);

interface Setting {
  readonly policy?: Partial<PolicyConfig>;
  readonly subject?: Partial<Subject>;
  readonly podContext?: Partial<PodContext>;
}

function judge(object: Json, { policy, subject, podContext }: Setting = {}): Judgement {
  const inspector = new ScriptedInspector(script);
  inspector.warm = true;
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  const place = createLivePlacement({
    nodes: cluster,
    groups: [groupOf(inspector)],
    additional: [],
    runtimeClass: () => undefined,
    ignoreRuntimeClasses: [],
  });
  const context = { ...standalone(anonymous, place(workload.pod).eligibleGroups), ...podContext };
  const judgement = new Judge(policiesOf(policy))
    .begin({ ...subjectOf(workload, 'shop'), ...subject }, context)
    .tryNow();
  if (!judgement) throw new Error('every inspection was known');
  return judgement;
}

const web = (): PodBuilder => pod('web').container('amd:1');
const withSpec = (object: Json, spec: object): Json => ({
  ...object,
  spec: { ...(object['spec'] as Json), ...spec },
});
const gated = withSpec(web().build(), { schedulingGates: [{ name: 'kueue.x-k8s.io/admission' }] });
const bound = withSpec(web().build(), { nodeName: 'arm-1' });
const controlledBy = (apiVersion: string, kind: string): Json =>
  web()
    .meta('ownerReferences', [{ apiVersion, kind, name: 'o', uid: 'u', controller: true }])
    .build();
const operatorOwned = controlledBy('postgresql.cnpg.io/v1', 'Cluster');
const job = (suspend: boolean): Json => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'import', namespace: 'shop' },
  spec: { suspend, template: web().template() },
});
const daemonSet: Json = { ...deployment('agent', web()), kind: 'DaemonSet' };
const addsAffinity = ({ patch }: Judgement): boolean =>
  patch.some(({ path }) => path.startsWith('/spec/affinity'));
const all = { platforms: 'all' } as const;
const final = { final: true } as const;
const hasSibling = { hasAdmittedSibling: () => true };

describe('a pod that gets the affinity', () => {
  test.each<[string, Partial<PolicyConfig>]>([
    ['by default', {}],
    ['with platforms all', all],
    ['in mode warn with nodeAffinity add', { mode: 'warn', nodeAffinity: 'add' }],
  ])('is admitted %s, with a warning that names the platforms', (_title, policy) => {
    const judgement = judge(web().build(), { policy });
    expect(judgement).toMatchObject({ decision: 'allow', reason: 'available' });
    expect(addsAffinity(judgement)).toBe(true);
    expect(judgement.warnings).toEqual([
      'container "c0", image "amd:1" lacks linux/arm64: node affinity restricts the pod to linux/amd64',
    ]);
  });

  test.each(['ReplicaSet', 'StatefulSet'])('may be one of a %s', (kind) => {
    expect(addsAffinity(judge(controlledBy('apps/v1', kind)))).toBe(true);
  });

  test('may be one of a foreign controller that pinOwners names', () => {
    const policy = { pinOwners: ['postgresql.cnpg.io/Cluster'] };
    expect(addsAffinity(judge(operatorOwned, { policy }))).toBe(true);
  });
});

describe('without the affinity', () => {
  test.each<[string, Json, Setting, string, string]>([
    ['nodeAffinity is off', web().build(), { policy: { nodeAffinity: 'off' } }, 'warn', 'deny'],
    ['the mode is warn', web().build(), { policy: { mode: 'warn' } }, 'warn', 'warn'],
    ['the mode is audit', web().build(), { policy: { mode: 'audit' } }, 'allow', 'allow'],
    ['the pod is owned by an operator', operatorOwned, {}, 'warn', 'deny'],
    ['only the validating webhook is installed', web().build(), { subject: final }, 'warn', 'deny'],
    ['the pod is gated', gated, {}, 'warn', 'warn'],
    ['the pod is gated and in its final state', gated, { subject: final }, 'warn', 'warn'],
    ['a sibling was admitted', web().build(), { subject: final, podContext: hasSibling }, 'warn', 'warn'],
    ['the object is a template', deployment('web', web()), {}, 'warn', 'deny'],
    ['the object is a suspended Job', job(true), {}, 'warn', 'warn'],
    ['the object is a Job', job(false), {}, 'warn', 'deny'],
  ])('if %s', (_title, object, setting, any, wanted) => {
    const policy = setting.policy ?? {};
    const judgement = judge(object, setting);
    expect(judgement).toMatchObject({ decision: any, reason: 'platform-missing' });
    expect(addsAffinity(judgement)).toBe(false);
    expect(judge(object, { ...setting, policy: { ...policy, ...all } }).decision).toBe(wanted);
  });

  test('a pod on one node that the image does not fit is denied, whatever its siblings', () => {
    expect(judge(bound, { podContext: hasSibling }).decision).toBe('deny');
    expect(judge({ ...gated, ...bound }, { podContext: hasSibling }).decision).toBe('deny');
  });

  test('fit is not judged with platforms off', () => {
    expect(judge(web().build(), { policy: { platforms: 'off' } })).toMatchObject({
      decision: 'allow',
      reason: 'available',
      warnings: [],
    });
  });
});

test('a DaemonSet is told how many nodes will refuse their pods', () => {
  const { decision, warnings } = judge(daemonSet);
  expect(decision).toBe('warn');
  expect(warnings[0]).toContain('fits 2 of 3 eligible nodes (1 node will refuse its pod): lacks linux/arm64');
});

test('a pod of an operator is neither pinned nor annotated with originals', () => {
  const judgement = judge(operatorOwned);
  expect(judgement.images[0]?.pinned).toBe('amd:1');
  expect(judgement.patch.map(({ path }) => path)).toEqual([
    '/metadata/annotations',
    '/metadata/annotations/pratique.dev~1verdict',
  ]);
  expect(judge(operatorOwned, { policy: { requireDigest: true } }).decision).toBe('warn');
});

test('a warning holds the result and the remedy even with a long image name', () => {
  const image = `registry.example.com/${'very-long-team-name/'.repeat(8)}amd:1`;
  const inspector = new ScriptedInspector({ [image]: amd64Only });
  inspector.warm = true;
  const workload = templateOf(pod('web').container(image, { name: 'web' }).build());
  if (!workload) throw new Error('a pod is a workload');
  const place = createLivePlacement({
    nodes: cluster,
    groups: [groupOf(inspector)],
    additional: [],
    runtimeClass: () => undefined,
    ignoreRuntimeClasses: [],
  });
  const judgement = new Judge(policiesOf({ nodeAffinity: 'off', pin: 'off' }))
    .begin(subjectOf(workload, 'shop'), standalone(anonymous, place(workload.pod).eligibleGroups))
    .tryNow();
  const [warning = ''] = judgement?.warnings ?? [];
  expect(warning.length).toBeLessThanOrEqual(256);
  expect(warning).toMatch(
    /\(platform-missing\): fits 2 of 3 .* restrict the pod to matching nodes with a nodeSelector\.$/,
  );
});
