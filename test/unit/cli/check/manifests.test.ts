import { describe, expect, test } from '@jest/globals';
import { builtinKinds, workloadKinds } from '../../../../src/judge/workload/workload-kinds.ts';
import { readManifests } from '../../../../src/cli/check/manifests.ts';

const read = (text: string | null) => readManifests([{ source: 'a.yaml', text }], builtinKinds);
const pod = (spec: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: ${spec}\n`;
const problemsOf = (text: string | null) =>
  read(text).problems.map(({ source, line, message }) => `${source}:${line}: ${message}`);

describe('readManifests', () => {
  test('finds pods in nested Lists with the lines of their images', () => {
    const list = (items: string) => `{kind: List, apiVersion: v1, items: [\n${items}\n]}`;
    const object = '{kind: Pod, apiVersion: v1, spec: {containers: [{name: c, image: x}]}}';
    const { workloads, problems } = read(list(`${list(object)},\n${object}`));
    expect(problems).toEqual([]);
    expect(workloads.map(({ lineAt }) => lineAt('/spec/containers/0/image'))).toEqual([3, 5]);
  });

  test.each([
    ['a pod without spec', 'apiVersion: v1\nkind: Pod\n', 'a.yaml:1: Pod: spec must be a mapping'],
    ['a pod without containers', pod('{}'), 'spec.containers is missing or empty'],
    ['a pod with an empty list', pod('{containers: []}'), 'spec.containers is missing or empty'],
    ['containers that are a mapping', pod('{containers: {a: b}}'), 'spec.containers must be a list'],
    ['a container that is text', pod('{containers: [a]}'), 'spec.containers[0] must be a mapping'],
    [
      'an unquoted number as image',
      pod('{containers: [{image: 1.27}]}'),
      'spec.containers[0].image must be text, not 1.27; put it in quotes',
    ],
    [
      'init containers that are text',
      pod('{containers: [{image: a}], initContainers: a}'),
      'spec.initContainers must be a list',
    ],
    ['an object without a kind', 'a: 1\n', 'a.yaml:1: has no kind; not a Kubernetes object'],
    ['a list', '- a\n', 'a.yaml:1: has no kind'],
    ['bytes that are not UTF-8', null, 'a.yaml:1: is not UTF-8 text'],
  ])('reports %s', (_, text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
    expect(read(text).workloads).toEqual([]);
  });

  test('counts kinds with containers that it does not know as passed over', () => {
    const rollout =
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {template: {spec: {containers: [{image: a}]}}}\n';
    const workflow =
      'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{container: {image: a}}]}\n';
    const crd =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {properties: {containers: {type: array}}}\n';
    const { passedOver } = read([rollout, workflow, rollout, crd].join('---\n'));
    expect([...passedOver]).toEqual([
      ['Rollout (argoproj.io/v1alpha1)', 2],
      ['Workflow (argoproj.io/v1alpha1)', 1],
    ]);
  });

  test('reads the pod templates of kinds in policy.templates', () => {
    const rollout =
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {template: {spec: {containers: [{image: a}]}}}\n';
    const kinds = workloadKinds([{ group: 'argoproj.io', kind: 'Rollout', path: '/spec/template' }]);
    const { workloads, passedOver } = readManifests([{ source: 'a.yaml', text: rollout }], kinds);
    expect([workloads.length, passedOver.size]).toEqual([1, 0]);
  });

  test('returns the labels of namespaces', () => {
    const { namespaceLabels } = read(
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: a, z: 1}}\n',
    );
    expect(namespaceLabels.get('a')).toEqual({ x: 'a' });
  });
});
