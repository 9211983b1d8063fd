import { describe, expect, test } from '@jest/globals';
import { eligiblePlatform } from '../../../../../src/judge/nodes/fit.ts';
import { type Fields, fields } from '../../../../../src/util/unstructured.ts';
import { parsePlatform } from '../../../../../src/resolve/platform/parse.ts';
import {
  landsOn,
  reachFor,
  reachKey,
  reachOf,
} from '../../../../../src/watch/controller/inspect/eligible-nodes.ts';
import type { NodeReach } from '../../../../../src/watch/controller/inspect/context.ts';
import { groupOf } from '../../../judge/eligible-groups.ts';
import { ScriptedInspector } from '../../../judge/scripted-inspector.ts';
import { record } from '../records.ts';

const group = groupOf(new ScriptedInspector());
const other = groupOf(new ScriptedInspector(), { name: 'gpu' });

function nodes(platforms: readonly string[], of = group, auto: 'strict' | 'compat' = 'strict'): NodeReach {
  const eligible = platforms.map((each) => eligiblePlatform(parsePlatform(each), auto));
  return { eligibleGroups: [{ group: of, eligible }], isOnNode: () => false };
}

/** What was asked for, and what there is: by the node's name where one is named. */
function cluster(answer: (pod: Fields) => NodeReach = () => nodes(['linux/amd64'])) {
  const asked: Fields[] = [];
  const reach = (pod: Fields) => {
    asked.push(fields(pod['spec']));
    return answer(pod);
  };
  return { asked, reach };
}

const bound = (name: string, nodeName: string) => record({ name, scheduling: { spec: { nodeName } } });

describe('where the users of an image may land', () => {
  test('bound pods by their nodes, all in one question, whatever taints there are', () => {
    const { asked, reach } = cluster();
    reachOf([bound('a', 'n2'), bound('b', 'n1'), bound('c', 'n2')], { reach });
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked[0])).toContain('"values":["n1","n2"]');
    expect(asked[0]).toMatchObject({ tolerations: [{ operator: 'Exists' }] });
  });

  test('thousands of nodes are asked about in parts', () => {
    const { asked, reach } = cluster();
    reachOf(
      Array.from({ length: 1_200 }, (_, i) => bound(`p${i}`, `n${i}`)),
      { reach },
    );
    expect(asked).toHaveLength(3);
  });

  test('those not bound by what they ask for, the same only once', () => {
    const { asked, reach } = cluster();
    const scheduling = { spec: { nodeSelector: { disk: 'fast' } } };
    reachOf([record({ name: 'a', scheduling }), record({ name: 'b', scheduling })], { reach });
    expect(asked).toEqual([scheduling.spec]);
  });

  test('together they land where any of them does, each platform once', () => {
    const { reach } = cluster((pod) => {
      if (JSON.stringify(pod).includes('n1')) return nodes(['linux/arm64', 'linux/amd64'], other);
      return nodes(['linux/amd64']);
    });
    const { eligibleGroups } = reachOf([bound('a', 'n1'), record({ name: 'b' }), record({ name: 'c' })], {
      reach,
    });
    expect(eligibleGroups.map(({ group, eligible }) => [group.name, eligible?.length])).toEqual([
      [null, 1],
      ['gpu', 2],
    ]);
  });

  test('who of them lands on nodes of a platform: each node and each demand is asked about once', () => {
    const { asked, reach } = cluster((pod) =>
      nodes(JSON.stringify(pod).includes('n1') ? ['linux/arm64'] : []),
    );
    const isOnArm = landsOn(['linux/arm64', 'linux/s390x'], { reach });
    const free = record({ name: 'd' });
    const users = [bound('a', 'n1'), bound('b', 'n2'), bound('c', 'n1'), free, free];
    expect(users.map(isOnArm)).toEqual([true, false, true, false, false]);
    expect(asked).toHaveLength(3);
  });

  test('what nodes of one platform accept differently is told apart', () => {
    let call = 0;
    const { reach } = cluster(() => nodes(['linux/arm64'], group, call++ === 0 ? 'strict' : 'compat'));
    const users = [
      record({ name: 'a', scheduling: { spec: {} } }),
      record({ name: 'b', scheduling: { spec: {} } }),
    ];
    expect(reachOf(users, { reach }).eligibleGroups[0]?.eligible).toHaveLength(2);
  });

  test('nodes are counted where most of them are: a few pods on nodes take nothing from their template', () => {
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
      expect(reachOf(users, { reach }).eligibleGroups[0]?.eligible).toMatchObject([{ nodes: { count: 5 } }]);
    }
  });

  test('an image is there already if a node of one of them has it', () => {
    let call = 0;
    const { reach } = cluster(() => ({ ...nodes(['linux/amd64']), isOnNode: () => call++ === 1 }));
    const users = [record({ scheduling: { spec: {} } }), record({ scheduling: { spec: {} } })];
    const reference = { domain: 'corp', path: 'a', tag: '1', digest: null };
    expect(reachOf(users, { reach }).isOnNode(reference)).toBe(true);
  });

  test('those who ask for more than anybody asks for may land anywhere', () => {
    const { asked, reach } = cluster();
    const users = Array.from({ length: 100 }, (_, i) =>
      record({ scheduling: { spec: { nodeSelector: { n: `${i}` } } } }),
    );
    reachOf(users, { reach });
    expect(asked).toEqual([{ tolerations: [{ operator: 'Exists' }] }]);
  });
});

describe('the key of a reach', () => {
  test('is the same for nodes on which the same images run', () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    expect(reachKey(nodes(platforms))).toBe(reachKey(nodes([...platforms].reverse())));
    expect(reachKey(nodes(platforms))).not.toBe(reachKey(nodes(['linux/amd64'])));
    expect(reachKey(nodes(['linux/arm64'], group, 'compat'))).not.toBe(reachKey(nodes(['linux/arm64'])));
    expect(reachKey(nodes(platforms, other))).not.toBe(reachKey(nodes(platforms)));
  });

  test('platforms that a person names stand in for those of the nodes, in every group', () => {
    const named = [eligiblePlatform(parsePlatform('linux/s390x'), 'strict')];
    const reach = reachFor(named, nodes(['linux/amd64'], other), group);
    expect(reach.eligibleGroups).toEqual([{ group: other, eligible: named }]);
    expect(reachFor(named, { eligibleGroups: [], isOnNode: () => true }, group).eligibleGroups).toEqual([
      { group, eligible: named },
    ]);
  });
});
