import { expect, test } from '@jest/globals';
import { groupWords } from '../../../../src/judge/nodes/group.ts';
import { groupOf } from '../eligible-groups.ts';
import { ScriptedInspector } from '../scripted-inspector.ts';

test.each<[readonly (string | null)[], string]>([
  [['gpu'], 'node group gpu'],
  [['gpu', 'spot'], 'node groups gpu, spot'],
  [['gpu', null], 'node group gpu and nodes of no group'],
  [[null], 'nodes of no group'],
  [['a', 'b', 'c', 'd', 'e', null], 'node groups a, b, c, +2 and nodes of no group'],
  [['\u001b[31mred\n'], 'node group [31mred'],
])('%j: %s', (names, wanted) => {
  const inspector = new ScriptedInspector();
  expect(groupWords(names.map((name) => groupOf(inspector, { name })))).toBe(wanted);
});

test('nodes of one group are named with their runtime if that matters', () => {
  const inspector = new ScriptedInspector();
  const groups = [
    groupOf(inspector, { name: 'gpu', runtime: 'containerd 1.7' }),
    groupOf(inspector, { name: 'gpu', runtime: 'containerd 2.1' }),
    groupOf(inspector, { runtime: 'containerd 1.7' }),
  ];
  expect(groupWords(groups)).toBe(
    'node groups gpu (containerd 1.7), gpu (containerd 2.1) and nodes of no group (containerd 1.7)',
  );
});
