import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  configuredPlatforms,
  createStaticPlacement,
} from '../../../../../src/judge/nodes/placement/static-placement.ts';
import { admits, requirementsOf } from '../../../../../src/judge/nodes/scheduling/scheduling-constraints.ts';
import type { NodeGroup } from '../../../../../src/judge/nodes/group.ts';
import { formatAll } from '../../../../../src/resolve/platform/format.ts';
import { groupOf } from '../../eligible-groups.ts';
import { platforms, ScriptedInspector } from '../../scripted-inspector.ts';

type Labels = Readonly<Record<string, string>>;

const inspector = new ScriptedInspector();
/** `rest`: nodes of no group. */
const groupsOf = (selectors: readonly Labels[]): readonly NodeGroup[] => [
  ...selectors.map((nodeSelector, index) => groupOf(inspector, { name: `g${index}`, nodeSelector })),
  groupOf(inspector),
];

/** `g0: linux/amd64, linux/arm64; rest: any` */
function placed(selectors: readonly Labels[], spec: object, required: readonly string[] = []): string {
  const eligible = configuredPlatforms(platforms(...required).platforms);
  return createStaticPlacement(
    groupsOf(selectors),
    eligible,
  )({ pod: { spec } })
    .map(({ group, eligible }) => {
      const each = eligible?.map(({ platform }) => formatAll(platform)).join(', ') ?? 'any';
      return `${group.name ?? 'rest'}: ${each}`;
    })
    .join('; ');
}

const selector = (labels: Labels) => ({ nodeSelector: labels });
const affinity = (...expressions: readonly object[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: expressions.map((each) => ({ matchExpressions: [each].flat() })),
      },
    },
  },
});
const one = (key: string, operator: string, ...values: readonly string[]) => ({ key, operator, values });

const gpu = { pool: 'gpu' };
const cpu = { pool: 'cpu' };
const bigGpu = { pool: 'gpu', size: 'big' };

describe('the eligible groups of a pod', () => {
  test.each<[string, readonly Labels[], object, string]>([
    ['all nodes are alike', [], selector(gpu), 'rest: any'],
    ['the pod asks for nothing', [gpu, cpu], {}, 'g0: any; g1: any; rest: any'],
    ['the pod asks for a group', [gpu, cpu], selector(gpu), 'g0: any'],
    ['the pod asks for something else', [gpu, cpu], selector({ disk: 'ssd' }), 'g0: any; g1: any; rest: any'],
    ['the pod asks for a value that no group has', [gpu, cpu], selector({ pool: 'tpu' }), 'rest: any'],
    ['the pod asks for a part of a group', [bigGpu], selector(gpu), 'g0: any; rest: any'],
    ['the pod asks for all of a group and more', [gpu], selector({ ...gpu, disk: 'ssd' }), 'g0: any'],
    ['the first match counts', [gpu, bigGpu], selector(bigGpu), 'g0: any'],
    ['a narrower group first', [bigGpu, gpu], selector(gpu), 'g0: any; g1: any'],
    ['a group of all nodes leaves none to the others', [{}, gpu], {}, 'g0: any'],
    ['a group twice', [gpu, gpu], {}, 'g0: any; rest: any'],
    ['affinity for a group', [gpu, cpu], affinity(one('pool', 'In', 'gpu')), 'g0: any'],
    [
      'affinity for all groups leaves no others',
      [gpu, cpu],
      affinity(one('pool', 'In', 'gpu', 'cpu')),
      'g0: any; g1: any',
    ],
    ['affinity against a group', [gpu, cpu], affinity(one('pool', 'NotIn', 'gpu')), 'g1: any; rest: any'],
    ['affinity for the label', [gpu], affinity(one('pool', 'Exists')), 'g0: any; rest: any'],
    ['affinity against the label', [gpu], affinity(one('pool', 'DoesNotExist')), 'rest: any'],
    ['affinity by number', [{ tier: '3' }], affinity(one('tier', 'Gt', '5')), 'rest: any'],
    [
      'one of several terms',
      [gpu, cpu],
      affinity(one('pool', 'In', 'gpu'), one('pool', 'In', 'cpu')),
      'g0: any; g1: any',
    ],
    ['a term that matches no node', [gpu], affinity([]), ''],
    ['an operator of the future', [gpu], affinity(one('pool', 'Near', 'gpu')), 'g0: any; rest: any'],
  ])('%s', (_what, selectors, spec, wanted) => {
    expect(placed(selectors, spec)).toBe(wanted);
  });
});

describe('the platforms of eligible groups', () => {
  const arm = { 'kubernetes.io/arch': 'arm64' };
  const both = ['linux/amd64', 'linux/arm64'];

  test.each<[string, readonly Labels[], object, readonly string[], string]>([
    [
      'all of the configuration, in every group',
      [gpu],
      {},
      both,
      `g0: ${both.join(', ')}; rest: ${both.join(', ')}`,
    ],
    [
      'a group of one architecture has that one, and the others lack it',
      [arm],
      {},
      both,
      'g0: linux/arm64; rest: linux/amd64',
    ],
    ['a group of another architecture is nowhere', [arm], {}, ['linux/amd64'], 'rest: linux/amd64'],
    ['the pod asks for one', [], selector(arm), both, 'rest: linux/arm64'],
    ['the pod asks for one that no node has', [], selector({ 'kubernetes.io/arch': 's390x' }), both, ''],
    [
      'the pod asks for an os',
      [],
      { os: { name: 'windows' } },
      ['linux/amd64', 'windows/amd64'],
      'rest: windows/amd64',
    ],
  ])('%s', (_what, selectors, spec, required, wanted) => {
    expect(placed(selectors, spec, required)).toBe(wanted);
  });
});

test('no group is excluded that some node could belong to', () => {
  const value = fc.constantFrom('1', '2');
  const labels = fc.dictionary(fc.constantFrom('a', 'b'), value, { noNullPrototype: true });
  const expression = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
    values: fc.array(fc.constantFrom('1', '2', '3'), { minLength: 1, maxLength: 2 }),
  });
  const spec = fc.record({
    nodeSelector: labels,
    terms: fc.array(fc.array(expression, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  });
  const values = [undefined, '0', '1', '2', '3'];
  const nodes = values.flatMap((a) => values.flatMap((b) => values.map((c) => ({ a, b, c }))));
  fc.assert(
    fc.property(fc.array(labels, { maxLength: 4 }), spec, (selectors, { nodeSelector, terms }) => {
      const pod = { spec: { nodeSelector, ...affinity(...terms) } };
      const demands = requirementsOf(pod.spec) ?? [[]];
      const suited = nodes.filter((node) =>
        demands.some((demand) => Object.entries(node).every(([key, value]) => admits(demand, key, value))),
      );
      const groups = groupsOf(selectors);
      const isOf = (node: Readonly<Record<string, string | undefined>>, group: NodeGroup): boolean =>
        Object.entries(group.nodeSelector).every(([key, value]) => node[key] === value);
      const real = suited.map((node) => groups.find((group) => isOf(node, group)));
      const found = createStaticPlacement(groups, null)({ pod }).map(({ group }) => group);
      for (const group of real) expect(found).toContain(group);
    }),
  );
});
