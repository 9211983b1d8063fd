import { describe, expect, test } from '@jest/globals';
import { eligiblePlatform } from '../../../../../src/judge/nodes/fit.ts';
import { type Fields, fields } from '../../../../../src/util/unstructured.ts';
import { parsePlatform } from '../../../../../src/resolve/platform/parse.ts';
import {
  runsOnPlatforms,
  withRequiredPlatforms,
  eligibleNodesKey,
  eligibleNodesOf,
} from '../../../../../src/watch/controller/inspect/eligible-nodes.ts';
import type { EligibleNodes } from '../../../../../src/watch/controller/inspect/context.ts';
import { groupOf } from '../../../judge/eligible-groups.ts';
import { ScriptedInspector } from '../../../judge/scripted-inspector.ts';
import { record } from '../records.ts';

const group = groupOf(new ScriptedInspector());
const other = groupOf(new ScriptedInspector(), { name: 'gpu' });

function nodes(
  platforms: readonly string[],
  of = group,
  auto: 'strict' | 'compat' = 'strict',
): EligibleNodes {
  const eligible = platforms.map((each) => eligiblePlatform(parsePlatform(each), auto));
  return { eligibleGroups: [{ group: of, eligible }], isOnNode: () => false };
}

/** What was asked for, and what there is: by the node's name where one is named. */
function cluster(answer: (pod: Fields) => EligibleNodes = () => nodes(['linux/amd64'])) {
  const asked: Fields[] = [];
  const reach = (pod: Fields) => {
    asked.push(fields(pod['spec']));
    return answer(pod);
  };
  return { asked, reach };
}

const bound = (name: string, nodeName: string) => record({ name, scheduling: { spec: { nodeName } } });

describe('eligibleNodesOf', () => {
  test('queries bound pods by their nodes at once, whatever the taints', () => {
    const { asked, reach } = cluster();
    eligibleNodesOf([bound('a', 'n2'), bound('b', 'n1'), bound('c', 'n2')], { eligibleNodes: reach });
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked[0])).toContain('"values":["n1","n2"]');
    expect(asked[0]).toMatchObject({ tolerations: [{ operator: 'Exists' }] });
  });

  test('queries thousands of nodes in parts', () => {
    const { asked, reach } = cluster();
    eligibleNodesOf(
      Array.from({ length: 1_200 }, (_, i) => bound(`p${i}`, `n${i}`)),
      { eligibleNodes: reach },
    );
    expect(asked).toHaveLength(3);
  });

  test('queries equal constraints once', () => {
    const { asked, reach } = cluster();
    const scheduling = { spec: { nodeSelector: { disk: 'fast' } } };
    eligibleNodesOf([record({ name: 'a', scheduling }), record({ name: 'b', scheduling })], {
      eligibleNodes: reach,
    });
    expect(asked).toEqual([scheduling.spec]);
  });

  test('merges the platforms of all users', () => {
    const { reach } = cluster((pod) => {
      if (JSON.stringify(pod).includes('n1')) return nodes(['linux/arm64', 'linux/amd64'], other);
      return nodes(['linux/amd64']);
    });
    const { eligibleGroups } = eligibleNodesOf(
      [bound('a', 'n1'), record({ name: 'b' }), record({ name: 'c' })],
      {
        eligibleNodes: reach,
      },
    );
    expect(eligibleGroups.map(({ group, eligible }) => [group.name, eligible?.length])).toEqual([
      [null, 1],
      ['gpu', 2],
    ]);
  });

  test('queries each node and constraint once for runsOnPlatforms', () => {
    const { asked, reach } = cluster((pod) =>
      nodes(JSON.stringify(pod).includes('n1') ? ['linux/arm64'] : []),
    );
    const isOnArm = runsOnPlatforms(['linux/arm64', 'linux/s390x'], { eligibleNodes: reach });
    const free = record({ name: 'd' });
    const users = [bound('a', 'n1'), bound('b', 'n2'), bound('c', 'n1'), free, free];
    expect(users.map(isOnArm)).toEqual([true, false, true, false, false]);
    expect(asked).toHaveLength(3);
  });

  test('distinguishes nodes of one platform that accept different images', () => {
    let call = 0;
    const { reach } = cluster(() => nodes(['linux/arm64'], group, call++ === 0 ? 'strict' : 'compat'));
    const users = [
      record({ name: 'a', scheduling: { spec: {} } }),
      record({ name: 'b', scheduling: { spec: {} } }),
    ];
    expect(eligibleNodesOf(users, { eligibleNodes: reach }).eligibleGroups[0]?.eligible).toHaveLength(2);
  });

  test('counts the nodes of a template even if its pods run on fewer', () => {
    const { reach } = cluster((pod) => {
      const [platform] = nodes(['linux/amd64']).eligibleGroups[0]?.eligible ?? [];
      if (!platform) throw new Error('one platform was asked for');
      const counted = JSON.stringify(pod).includes('n1')
        ? { count: 1, example: 'n1' }
        : { count: 5, example: 'n0' };
      return { ...nodes([]), eligibleGroups: [{ group, eligible: [{ ...platform, nodes: counted }] }] };
    });
    for (const users of [
      [record({ name: 'b' }), bound('a', 'n1')],
      [bound('a', 'n1'), record({ name: 'b' })],
    ]) {
      expect(eligibleNodesOf(users, { eligibleNodes: reach }).eligibleGroups[0]?.eligible).toMatchObject([
        { nodes: { count: 5 } },
      ]);
    }
  });

  test('finds an image on the nodes of any user', () => {
    let call = 0;
    const { reach } = cluster(() => ({ ...nodes(['linux/amd64']), isOnNode: () => call++ === 1 }));
    const users = [record({ scheduling: { spec: {} } }), record({ scheduling: { spec: {} } })];
    const reference = { domain: 'corp', path: 'a', tag: '1', digest: null };
    expect(eligibleNodesOf(users, { eligibleNodes: reach }).isOnNode(reference)).toBe(true);
  });

  test('uses all nodes beyond the limit of constraints', () => {
    const { asked, reach } = cluster();
    const users = Array.from({ length: 100 }, (_, i) =>
      record({ scheduling: { spec: { nodeSelector: { n: `${i}` } } } }),
    );
    eligibleNodesOf(users, { eligibleNodes: reach });
    expect(asked).toEqual([{ tolerations: [{ operator: 'Exists' }] }]);
  });
});

describe('eligibleNodesKey', () => {
  test('is equal for nodes that run the same images', () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    expect(eligibleNodesKey(nodes(platforms))).toBe(eligibleNodesKey(nodes([...platforms].reverse())));
    expect(eligibleNodesKey(nodes(platforms))).not.toBe(eligibleNodesKey(nodes(['linux/amd64'])));
    expect(eligibleNodesKey(nodes(['linux/arm64'], group, 'compat'))).not.toBe(
      eligibleNodesKey(nodes(['linux/arm64'])),
    );
    expect(eligibleNodesKey(nodes(platforms, other))).not.toBe(eligibleNodesKey(nodes(platforms)));
  });

  test('covers required platforms in every group', () => {
    const named = [eligiblePlatform(parsePlatform('linux/s390x'), 'strict')];
    const reach = withRequiredPlatforms(named, nodes(['linux/amd64'], other), group);
    expect(reach.eligibleGroups).toEqual([{ group: other, eligible: named }]);
    expect(
      withRequiredPlatforms(named, { eligibleGroups: [], isOnNode: () => true }, group).eligibleGroups,
    ).toEqual([{ group, eligible: named }]);
  });
});
