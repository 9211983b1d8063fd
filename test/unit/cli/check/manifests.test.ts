import { expect, test } from '@jest/globals';
import { readManifests } from '../../../../src/cli/check/manifests.ts';
import { builtinKinds, workloadKinds } from '../../../../src/judge/workload/workload-kinds.ts';

const rollout = {
  source: 'rollout.yaml',
  text: 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: { template: { spec: { containers: [{ name: a, image: nginx:1 }] } } }\n',
};

test('a kind that is not known is passed over', () => {
  const { workloads, passedOver } = readManifests([rollout], builtinKinds);
  expect(workloads).toEqual([]);
  expect([...passedOver]).toEqual([['Rollout (argoproj.io/v1alpha1)', 1]]);
});

test('a kind of policy.templates is read', () => {
  const kinds = workloadKinds([{ group: 'argoproj.io', kind: 'Rollout', path: '/spec/template' }]);
  const { workloads, passedOver } = readManifests([rollout], kinds);
  expect(workloads.map(({ workload }) => [workload.kind, workload.uses.length])).toEqual([['Rollout', 1]]);
  expect(passedOver.size).toBe(0);
});
