import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { eligibility } from '../../../../../src/judge/nodes/scheduling/eligible.ts';
import type { ClusterNode, RuntimeClass, Taint } from '../../../../../src/judge/nodes/node.ts';
import { type NodeBuilder, node } from '../nodes.ts';
import { naivelyEligible, type Spec } from '../naive-scheduler.ts';

const cluster: readonly ClusterNode[] = [
  node('amd-1').label('pool', 'a').label('cores', '8'),
  node('amd-2').label('pool', 'b').label('cores', '16'),
  node('arm-1', 'linux/arm64').label('pool', 'a'),
  node('gpu-1').label('pool', 'gpu').taint('gpu', 'yes'),
  node('out-1').taint('leaving', '', 'NoExecute'),
  node('dull-1').taint('slow', '', 'PreferNoSchedule'),
  node('win-1', 'windows/amd64').windows('10.0.20348.2227'),
].map((each: NodeBuilder) => each.build());

/** Names of the nodes, in order. */
function landing(spec: object, runtimeClass?: RuntimeClass): string {
  const { names, admits } = eligibility(spec as never, runtimeClass);
  const found = cluster.filter(admits).map(({ name }) => name);
  // Who looks only at these must find all.
  if (names) for (const name of found) expect(names).toContain(name);
  return found.join(' ');
}

const untainted = 'amd-1 amd-2 arm-1 dull-1 win-1';
const expression = (key: string, operator: string, ...values: readonly string[]) => ({
  key,
  operator,
  values,
});
const required = (...nodeSelectorTerms: readonly unknown[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const labels = (...matchExpressions: readonly object[]) => ({ matchExpressions });
const names = (...matchFields: readonly object[]) => ({ matchFields });
const name = (operator: string, value: string) => expression('metadata.name', operator, value);

describe('the eligible nodes of a pod', () => {
  test.each<[string, object, string]>([
    ['asks for nothing', {}, untainted],
    ['nodeSelector', { nodeSelector: { pool: 'a' } }, 'amd-1 arm-1'],
    ['nodeSelector of two labels', { nodeSelector: { pool: 'a', cores: '8' } }, 'amd-1'],
    ['nodeSelector of a member that no label is', { nodeSelector: { constructor: 'x' } }, ''],
    ['In', required(labels(expression('pool', 'In', 'a', 'b'))), 'amd-1 amd-2 arm-1'],
    ['NotIn', required(labels(expression('pool', 'NotIn', 'a'))), 'amd-2 dull-1 win-1'],
    ['Exists', required(labels(expression('cores', 'Exists'))), 'amd-1 amd-2'],
    ['DoesNotExist', required(labels(expression('cores', 'DoesNotExist'))), 'arm-1 dull-1 win-1'],
    ['Gt', required(labels(expression('cores', 'Gt', '8'))), 'amd-2'],
    ['Lt', required(labels(expression('cores', 'Lt', '16'))), 'amd-1'],
    ['the name In', required(names(name('In', 'amd-2'))), 'amd-2'],
    ['the name NotIn', required(names(name('NotIn', 'amd-2'))), 'amd-1 arm-1 dull-1 win-1'],
    [
      'name and label of one term are both asked',
      required({ ...names(name('In', 'amd-2')), ...labels(expression('pool', 'In', 'a')) }),
      '',
    ],
    [
      'terms are alternatives',
      required(names(name('In', 'amd-2')), labels(expression('kubernetes.io/arch', 'In', 'arm64'))),
      'amd-2 arm-1',
    ],
    [
      'each beside the nodeSelector',
      { nodeSelector: { pool: 'b' }, ...required(names(name('In', 'amd-1')), names(name('In', 'amd-2'))) },
      'amd-2',
    ],
    ['another field than the name', required(names(expression('spec.unschedulable', 'In', 'false'))), ''],
    ['an empty term matches nothing', required({}), ''],
    ['and adds nothing', required({}, names(name('In', 'amd-1'))), 'amd-1'],
    ['no terms match nothing', required(), ''],
    [
      'a preference changes nothing',
      {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: names(name('In', 'amd-1')) },
            ],
          },
        },
      },
      untainted,
    ],
    [
      'tolerates a taint',
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      'amd-1 amd-2 arm-1 gpu-1 dull-1 win-1',
    ],
    [
      'tolerates all',
      { tolerations: [{ operator: 'Exists' }] },
      'amd-1 amd-2 arm-1 gpu-1 out-1 dull-1 win-1',
    ],
    ['its os', { os: { name: 'windows' } }, 'win-1'],
    [
      'another os than its selector',
      { os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'windows' } },
      '',
    ],
    ['names its node', { nodeName: 'amd-2' }, 'amd-2'],
    ['names a node that is not there', { nodeName: 'amd-9' }, ''],
    ['names a node whose taint is for the scheduler', { nodeName: 'gpu-1' }, 'gpu-1'],
    ['names a node whose taint throws it out', { nodeName: 'out-1' }, ''],
    [
      'names a node whose taint it tolerates',
      { nodeName: 'out-1', tolerations: [{ operator: 'Exists' }] },
      'out-1',
    ],
    ['names a node that the kubelet keeps it off', { nodeName: 'amd-2', nodeSelector: { pool: 'a' } }, ''],
    ['names a node of another os', { nodeName: 'amd-2', os: { name: 'windows' } }, ''],
  ])('%s', (_what, spec, wanted) => {
    expect(landing(spec)).toBe(wanted);
  });
});

describe('a RuntimeClass', () => {
  const gpu: RuntimeClass = {
    name: 'gpu',
    nodeSelector: { pool: 'gpu' },
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
  };

  test.each<[string, object, RuntimeClass | undefined, string]>([
    ['adds its selector and its tolerations', {}, gpu, 'gpu-1'],
    ['to those of the pod', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }, gpu, ''],
    [
      'and changes nothing where the API server has added them',
      { nodeSelector: { pool: 'gpu' } },
      gpu,
      'gpu-1',
    ],
    ['may add tolerations only', {}, { ...gpu, nodeSelector: {} }, 'amd-1 amd-2 arm-1 gpu-1 dull-1 win-1'],
    ['that nobody knows asks for nothing', { runtimeClassName: 'kata' }, undefined, untainted],
  ])('%s', (_what, spec, runtimeClass, wanted) => {
    expect(landing(spec, runtimeClass)).toBe(wanted);
  });
});

test('any pod has the same eligible nodes as by a naive scheduler', () => {
  const value = fc.constantFrom('', '1', '2', '3', '10');
  const key = fc.constantFrom('a', 'b', 'kubernetes.io/os', 'constructor');
  const effect = fc.constantFrom<Taint['effect']>('NoSchedule', 'NoExecute', 'PreferNoSchedule');
  const nodes = fc.array(
    fc.record({
      labels: fc.dictionary(key, value, { noNullPrototype: true }),
      taints: fc.array(fc.record({ key, value, effect }), { maxLength: 2 }),
      os: fc.constantFrom('linux', 'windows'),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const values = fc.array(value, { minLength: 1, maxLength: 2 });
  const requirement = fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
    values,
  });
  const field = fc.record({
    key: fc.constant('metadata.name'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.constantFrom(['n0'], ['n1'], ['n9']),
  });
  const term = fc.record(
    {
      matchExpressions: fc.array(requirement, { maxLength: 2 }),
      matchFields: fc.array(field, { maxLength: 1 }),
    },
    { requiredKeys: [] },
  );
  const toleration = fc.record(
    {
      key,
      operator: fc.constantFrom('Exists', 'Equal', 'Gt', 'Lt'),
      value,
      effect: fc.constantFrom('', 'NoSchedule', 'NoExecute'),
    },
    { requiredKeys: [] },
  );
  const selector = fc.dictionary(key, value, { maxKeys: 1, noNullPrototype: true });
  const spec = fc.record(
    {
      nodeName: fc.constantFrom('', 'n0', 'n9'),
      nodeSelector: selector,
      terms: fc.array(term, { maxLength: 3 }),
      tolerations: fc.array(toleration, { maxLength: 3 }),
      os: fc.constantFrom({ name: 'linux' }, { name: 'windows' }),
    },
    { requiredKeys: [] },
  );
  const runtimeClass = fc.option(
    fc.record({
      name: fc.constant('c'),
      nodeSelector: selector,
      tolerations: fc.array(toleration, { maxLength: 1 }),
    }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(nodes, spec, runtimeClass, (nodes, { terms, ...rest }, runtimeClass) => {
      const pod = { ...rest, ...(terms && required(...terms)) };
      const all = nodes.map(({ labels, taints, os }, index): ClusterNode => {
        const platform = { os, architecture: 'amd64', variant: '', osVersion: '', osFeatures: [] };
        return { name: `n${index}`, labels, taints, platform, runtime: '', images: [] };
      });
      const { names, admits } = eligibility(pod, runtimeClass);
      const candidates = names ? all.filter(({ name }) => names.has(name)) : all;
      expect(candidates.filter(admits)).toEqual(
        all.filter((each) => naivelyEligible(each, pod as Spec, runtimeClass)),
      );
    }),
    { numRuns: 2_000 },
  );
});
