/** `policy.nodeAffinity: add`: a pod is kept to the nodes that its images fit, and is judged for these. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Judge } from '../../../src/judge/judge.ts';
import type { Judgement } from '../../../src/judge/judgement.ts';
import { createLivePlacement } from '../../../src/judge/nodes/placement/live-placement.ts';
import {
  configuredPlatforms,
  createStaticPlacement,
} from '../../../src/judge/nodes/placement/static-placement.ts';
import { eligibility } from '../../../src/judge/nodes/scheduling/eligible.ts';
import type { NodeGroup } from '../../../src/judge/nodes/group.ts';
import type { ClusterNode } from '../../../src/judge/nodes/node.ts';
import type { PolicyConfig } from '../../../src/judge/policy/schema.ts';
import { type Subject, subjectOf } from '../../../src/judge/subject.ts';
import { standalone } from '../../../src/judge/cluster-context.ts';
import { verdictAnnotation } from '../../../src/judge/patch/patch.ts';
import { templateOf, type Workload } from '../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../src/resolve/credentials/credential.ts';
import { deployment, type Json, pod } from '../../kit/fakes/pods.ts';
import { groupOf } from './eligible-groups.ts';
import { FakeNodes, node } from './nodes/nodes.ts';
import { policiesOf } from './policies-of.ts';
import { digestFor, platforms, type Script, ScriptedInspector } from './scripted-inspector.ts';
import { applied } from './workload/json-patch.ts';

const tags: Script = {
  'amd:1': platforms('linux/amd64'),
  'arm:1': platforms('linux/arm64'),
  'both:1': platforms('linux/amd64', 'linux/arm64'),
  'z:1': platforms('linux/s390x'),
  'gone:1': { result: 'not-found', message: 'does not exist' },
};

/** The same by tag and digest. */
const script: Script = Object.fromEntries(
  Object.entries(tags).flatMap(([image, answer]) => [
    [image, answer],
    [`${image}@${digestFor(image)}`, answer],
  ]),
);

interface Setting {
  readonly policy?: Partial<PolicyConfig>;
  readonly nodes?: readonly ClusterNode[];
  readonly groups?: (rest: NodeGroup) => readonly NodeGroup[];
  readonly subject?: Partial<Subject>;
}

const cluster = [node('amd-1').build(), node('amd-2').build(), node('arm-1', 'linux/arm64').build()];

function workloadIn(object: Json): Workload {
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  return workload;
}

function judge(object: Json, { policy, nodes = cluster, groups, subject }: Setting = {}): Judgement {
  const inspector = new ScriptedInspector(script);
  inspector.warm = true;
  const rest = groupOf(inspector);
  const workload = workloadIn(object);
  const place = createLivePlacement({
    nodes: new FakeNodes(...nodes),
    groups: groups?.(rest) ?? [rest],
    additional: [],
    runtimeClass: () => undefined,
    ignoreRuntimeClasses: [],
  });
  const around = standalone(anonymous, place(workload.pod).eligibleGroups);
  const judgement = new Judge(policiesOf({ nodeAffinity: 'add', ...policy }))
    .begin({ ...subjectOf(workload, 'default'), ...subject }, around)
    .tryNow();
  if (!judgement) throw new Error('every inspection was known');
  return judgement;
}

const validated = (object: Json, setting: Setting = {}): Judgement =>
  judge(object, { ...setting, subject: { final: true } });
const affinityIn = ({ patch }: Judgement): readonly string[] =>
  patch.map(({ path }) => path).filter((path) => path.includes('affinity'));
const web = (...images: readonly string[]) =>
  images.reduce((into, image) => into.container(image), pod('web'));
const withSpec = (object: Json, spec: object): Json => ({
  ...object,
  spec: { ...(object['spec'] as Json), ...spec },
});

describe('a pod whose image fits some nodes', () => {
  const object = web('amd:1').build();

  test('is restricted to these and pinned, and then every image fits', () => {
    const judgement = judge(object);
    expect(judgement.patch).toEqual([
      {
        op: 'add',
        path: '/spec/affinity',
        value: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
                    { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
                  ],
                },
              ],
            },
          },
        },
      },
      { op: 'replace', path: '/spec/containers/0/image', value: `amd:1@${digestFor('amd:1')}` },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/pratique.dev~1original-images', value: '{"c0":"amd:1"}' },
      { op: 'add', path: '/metadata/annotations/pratique.dev~1verdict', value: 'available' },
    ]);
    expect(judgement.decision).toBe('allow');
    expect(judgement.notes).toEqual([
      'container "c0", image "amd:1" lacks linux/arm64: node affinity restricts the pod to linux/amd64',
    ]);
    const after = applied(object, judgement.patch);
    expect(validated(after)).toMatchObject({ decision: 'allow', warnings: [] });
    expect(judge(after).patch).toEqual([]);
  });

  test.each<[string, Json, Setting]>([
    ['nodeAffinity is off', object, { policy: { nodeAffinity: 'off' } }],
    ['its namespace is only audited', object, { policy: { mode: 'audit' } }],
    ['it fits all nodes', web('both:1').build(), {}],
    ['it fits no node', web('z:1').build(), {}],
    ['its images have no node in common', web('amd:1', 'arm:1').build(), {}],
    ['platforms is off', object, { policy: { platforms: 'off' } }],
    ['it names its node', withSpec(object, { nodeName: 'arm-1' }), {}],
    ['it is a template', deployment('web', web('amd:1')), { policy: { pin: 'templates' } }],
    ['its metadata may not change', object, { subject: { imagesOnly: true } }],
    ['it is stored already', object, { subject: { old: workloadIn(object) } }],
    ['its state is final', object, { subject: { final: true } }],
    [
      'it asks for these nodes itself',
      withSpec(object, { nodeSelector: { 'kubernetes.io/arch': 'amd64' } }),
      {},
    ],
    ['its affinity is of a strange shape', withSpec(object, { affinity: 'x' }), {}],
  ])('gets no affinity if %s', (_what, made, setting) => {
    expect(affinityIn(judge(made, setting))).toEqual([]);
  });

  test('is denied without the affinity if platforms is all', () => {
    expect(validated(object, { policy: { platforms: 'all' } })).toMatchObject({
      decision: 'deny',
      message: expect.stringContaining('fits 2 of 3 eligible nodes: lacks linux/arm64 (node arm-1)'),
    });
  });

  test('is restricted to the nodes that all of its images fit, even if only one image asks for it', () => {
    const rules = [{ images: ['docker.io/library/both'], nodeAffinity: 'off' as const }];
    const judgement = judge(web('both:1', 'arm:1', 'gone:1').build(), { policy: { rules } });
    expect(affinityIn(judgement)).toEqual(['/spec/affinity']);
    expect(judgement.notes).toEqual([
      expect.stringContaining(
        'image "arm:1" lacks linux/amd64: node affinity restricts the pod to linux/arm64',
      ),
    ]);
    expect(judgement.images.map(({ result }) => result)).toEqual(['available', 'available', 'not-found']);
  });

  test('is not restricted because of an image whose policy has nodeAffinity off', () => {
    const rules = [{ images: ['docker.io/library/amd'], nodeAffinity: 'off' as const }];
    expect(affinityIn(judge(object, { policy: { rules } }))).toEqual([]);
  });

  test('is restricted in mode warn with nodeAffinity add', () => {
    expect(affinityIn(judge(object, { policy: { mode: 'warn' } }))).toEqual(['/spec/affinity']);
  });

  test('is restricted without a cluster, too', () => {
    const inspector = new ScriptedInspector(script);
    inspector.warm = true;
    const required = configuredPlatforms(platforms('linux/amd64', 'linux/arm64').platforms);
    const place = createStaticPlacement([groupOf(inspector)], required);
    const once = (made: Json) =>
      new Judge(policiesOf({ nodeAffinity: 'add' }))
        .begin(subjectOf(workloadIn(made), 'default'), standalone(anonymous, place(workloadIn(made))))
        .tryNow();
    const first = once(object);
    expect(first && affinityIn(first)).toEqual(['/spec/affinity']);
    expect(once(applied(object, first?.patch ?? []))?.patch).toEqual([]);
  });
});

describe('any pod in any cluster', () => {
  const arch = fc.constantFrom('amd64', 'arm64', 's390x', 'arm');
  const nodes = fc.array(
    fc.record({
      os: fc.constantFrom('linux', 'linux', 'windows'),
      arch,
      pool: fc.constantFrom('a', 'b'),
      runtime: fc.constantFrom('containerd://2.1.0', 'containerd://1.7.0'),
      /** A label that lies. */
      label: fc.option(arch, { freq: 9 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const images = fc.array(fc.constantFrom(...Object.keys(tags)), { minLength: 1, maxLength: 3 });
  const term = fc.record(
    {
      matchExpressions: fc.array(
        fc.record({
          key: fc.constantFrom('pool', 'kubernetes.io/arch'),
          operator: fc.constantFrom('In', 'NotIn', 'Exists'),
          values: fc.array(fc.constantFrom('a', 'b', 'amd64', 'arm64'), { minLength: 1, maxLength: 2 }),
        }),
        { maxLength: 2 },
      ),
      matchFields: fc.constant([{ key: 'metadata.name', operator: 'NotIn', values: ['n0'] }]),
    },
    { requiredKeys: [] },
  );
  const terms = fc.option(fc.array(term, { maxLength: 3 }));
  const policy = fc.record({
    mode: fc.constantFrom('enforce', 'warn', 'audit'),
    platforms: fc.constantFrom('all', 'any'),
    match: fc.constantFrom('auto', 'compat'),
  });
  const groups = (rest: NodeGroup): readonly NodeGroup[] => [
    { ...rest, name: 'a', nodeSelector: { pool: 'a' } },
    rest,
  ];

  test('needs no second patch, and never gets more nodes', () => {
    fc.assert(
      fc.property(nodes, images, terms, policy, (specs, images, terms, policy) => {
        const nodes = specs.map(({ os, arch, pool, runtime, label }, index) => {
          const builder = node(`n${index}`, `${os}/${arch}`).label('pool', pool).runtime(runtime);
          return (label ? builder.label('kubernetes.io/arch', label) : builder).build();
        });
        const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
        const object = withSpec(
          web(...images).build(),
          terms ? { affinity: { nodeAffinity: required } } : {},
        );
        const setting: Setting = { policy, nodes, groups };
        const first = judge(object, setting);
        const after = applied(object, first.patch);
        const second = judge(after, setting);
        expect(second.patch).toEqual([]);
        expect(second.images.map(({ result }) => result)).toEqual(first.images.map(({ result }) => result));
        const landing = (made: Json) => {
          const { admits } = eligibility(made['spec'] as Json, undefined);
          return nodes.filter(admits).map(({ name }) => name);
        };
        expect(landing(object)).toEqual(expect.arrayContaining(landing(after)));
        if (landing(object).length > 0) expect(landing(after)).not.toEqual([]);
        const verdict = ((after['metadata'] as Json)['annotations'] as Json | undefined)?.[verdictAnnotation];
        if (affinityIn(first).length > 0) expect(verdict).not.toBe('platform-missing');
      }),
      { numRuns: 150 },
    );
  });
});
