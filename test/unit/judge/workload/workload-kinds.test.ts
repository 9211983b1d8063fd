import { expect, test } from '@jest/globals';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { builtinKinds, workloadKinds } from '../../../../src/judge/workload/workload-kinds.ts';
import { pod } from '../../../kit/fakes/pods.ts';

const rollout = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { template: pod('t').container('nginx:1').template() },
};

test('a kind that is not known has no template', () => {
  expect(templateOf(rollout)).toBeNull();
});

test('a kind of policy.templates has its template at the configured path', () => {
  const kinds = workloadKinds([{ group: 'argoproj.io', kind: 'Rollout', path: '/spec/template' }]);
  expect(templateOf(rollout, undefined, kinds)).toMatchObject({
    kind: 'Rollout',
    namespace: 'shop',
    template: true,
    uses: [{ image: 'nginx:1', pointer: '/spec/template/spec/containers/0/image' }],
  });
});

test('a configured kind does not replace a built-in one', () => {
  const kinds = workloadKinds([{ group: 'apps', kind: 'Deployment', path: '/spec/other' }]);
  expect(kinds.get('apps/Deployment')).toBe('/spec/template');
  expect([...builtinKinds.keys()].every((kind) => kinds.has(kind))).toBe(true);
});
