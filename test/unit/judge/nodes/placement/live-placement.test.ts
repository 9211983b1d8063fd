import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  type LivePlacement,
  type LivePlacementOptions,
  createLivePlacement,
  type PodPlacement,
} from '../../../../../src/judge/nodes/placement/live-placement.ts';
import type { NodeGroup } from '../../../../../src/judge/nodes/group.ts';
import type { RuntimeClass } from '../../../../../src/judge/nodes/node.ts';
import { templateOf } from '../../../../../src/judge/workload/workload.ts';
import { upstreamOnly } from '../../../../../src/resolve/endpoints/default.ts';
import { runtimeProfile } from '../../../../../src/resolve/endpoints/runtime/runtime-profile.ts';
import { formatAll } from '../../../../../src/resolve/platform/format.ts';
import { parsePlatform } from '../../../../../src/resolve/platform/parse.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import { groupOf } from '../../eligible-groups.ts';
import { ScriptedInspector } from '../../scripted-inspector.ts';
import { FakeNodes, node } from '../nodes.ts';

const inspector = new ScriptedInspector();
const rest = groupOf(inspector);
const gpus = groupOf(inspector, { name: 'gpu', nodeSelector: { pool: 'gpu' } });
const gpuGroups: readonly NodeGroup[] = [gpus, rest];

function placing(nodes: FakeNodes, options: Partial<LivePlacementOptions> = {}): LivePlacement {
  return createLivePlacement({
    nodes,
    groups: [rest],
    additional: [],
    runtimeClass: () => undefined,
    ignoreRuntimeClasses: [],
    ...options,
  });
}

/** `rest: linux/amd64 2 (amd-1)`; `+` is a platform whose nodes may come. */
function told({ eligibleGroups }: PodPlacement): string {
  return eligibleGroups
    .map(({ group, eligible }) => {
      const each = eligible?.map(({ platform, nodes }) => {
        return `${formatAll(platform)} ${nodes?.count ? `${nodes.count} (${nodes.example})` : '+'}`;
      });
      const name = group.runtime ?? group.name ?? 'rest';
      return `${name}: ${each?.join(', ') ?? 'any'}`;
    })
    .join('; ');
}

/** Nodes, without those that may come. */
function countOf({ eligibleGroups }: PodPlacement): number {
  return eligibleGroups
    .flatMap(({ eligible }) => eligible ?? [])
    .reduce((sum, { nodes }) => sum + (nodes?.count ?? 0), 0);
}

const pod = (spec: object = {}) => ({ spec });
const selecting = (labels: Readonly<Record<string, string>>) => pod({ nodeSelector: labels });
const added = (specifier: string, labels = {}, taints = []) => {
  return { platform: parsePlatform(specifier), labels, taints };
};

const mixed = (): FakeNodes =>
  new FakeNodes(
    node('amd-2').build(),
    node('amd-1').build(),
    node('arm-1', 'linux/arm64').build(),
    node('gpu-1').label('pool', 'gpu').build(),
  );

describe('the eligible groups of a pod', () => {
  test('count its eligible nodes by platform', () => {
    const found = placing(mixed())(pod());
    expect(told(found)).toBe('rest: linux/amd64 3 (amd-1), linux/arm64 1 (arm-1)');
    expect(countOf(found)).toBe(4);
  });

  test('separate nodes by the first group that they match', () => {
    const place = placing(mixed(), { groups: gpuGroups });
    expect(told(place(pod()))).toBe(
      'gpu: linux/amd64 1 (gpu-1); rest: linux/amd64 2 (amd-1), linux/arm64 1 (arm-1)',
    );
    expect(told(place(selecting({ pool: 'gpu' })))).toBe('gpu: linux/amd64 1 (gpu-1)');
    expect(told(placing(mixed(), { groups: [rest, gpus] })(selecting({ pool: 'gpu' })))).toBe(
      'rest: linux/amd64 1 (gpu-1)',
    );
  });

  test('are empty if no node is eligible', () => {
    expect(placing(mixed())(selecting({ pool: 'x' }))).toMatchObject({ eligibleGroups: [] });
    expect(placing(new FakeNodes())(pod())).toMatchObject({ eligibleGroups: [] });
  });

  test('separate builds of Windows', () => {
    const windows = (name: string, build: string) => node(name, 'windows/amd64').windows(build).build();
    const nodes = new FakeNodes(
      windows('w1', '10.0.20348.2227'),
      windows('w2', '10.0.17763.1'),
      windows('w3', '10.0.20348.2227'),
    );
    const found = placing(nodes)(pod());
    expect(told(found)).toBe(
      'rest: windows(10.0.17763.1)/amd64 1 (w2), windows(10.0.20348.2227)/amd64 2 (w1)',
    );
    const [old, current] = found.eligibleGroups[0]?.eligible ?? [];
    const image = parsePlatform('windows(10.0.20348.1000)/amd64');
    expect([old?.accepts(image, 'auto'), current?.accepts(image, 'auto')]).toEqual([false, true]);
  });
});

describe('the platform matching of a node', () => {
  const arm7 = parsePlatform('linux/arm/v7');

  test.each<[string, boolean]>([
    ['containerd://2.1.0', false],
    ['containerd://2.2.1-k3s1', false],
    ['containerd://10.0', false],
    ['containerd://2.0.7', true],
    ['containerd://1.7.27', true],
    ['cri-o://1.33.0', false],
    ['docker://28.0.1', true],
    ['', true],
  ])('%s: arm64 runs arm/v7: %s', (runtime, wanted) => {
    const nodes = new FakeNodes(node('n', 'linux/arm64').runtime(runtime).build());
    const eligible = placing(nodes)(pod()).eligibleGroups[0]?.eligible?.[0];
    expect(eligible?.accepts(arm7, 'auto')).toBe(wanted);
    expect(eligible?.accepts(arm7, 'strict')).toBe(false);
    expect(eligible?.accepts(arm7, 'compat')).toBe(true);
  });

  test('separates nodes of one architecture that match differently', () => {
    const nodes = new FakeNodes(
      node('new', 'linux/arm64').build(),
      node('old', 'linux/arm64').runtime('containerd://1.7.0').build(),
      node('older', 'linux/arm64').runtime('containerd://1.6.0').build(),
    );
    const [landing, ...others] = placing(nodes)(pod()).eligibleGroups;
    expect(others).toEqual([]);
    const runs = landing?.eligible?.map((each) => [each.nodes?.example, each.accepts(arm7, 'auto')]);
    expect(runs).toEqual([
      ['new', false],
      ['old', true],
    ]);
  });
});

test('a configuration that makes containerd 2.1 pull by itself makes its nodes lenient', () => {
  const local = { ...upstreamOnly, profiles: [runtimeProfile('containerd-local', null)] };
  const nodes = new FakeNodes(
    node('n1', 'linux/arm64').runtime('containerd://2.1.0').build(),
    node('n2', 'linux/arm64').runtime('cri-o://1.34.1').build(),
  );
  const groups = [groupOf(inspector, { mirrors: local })];
  const eligible = placing(nodes, { groups })(pod()).eligibleGroups[0]?.eligible ?? [];
  const arm7 = parsePlatform('linux/arm/v7');
  expect(eligible.map((each) => [each.nodes?.example, each.accepts(arm7, 'auto')])).toEqual([
    ['n1', true],
    ['n2', false],
  ]);
});

describe('mirrors that depend on the runtime', () => {
  const nodes = new FakeNodes(
    node('n1').build(),
    node('n2').runtime('containerd://1.7.1').build(),
    node('n3').runtime('containerd://1.7.2').build(),
    node('n4').runtime('containerd://1.7.2').build(),
  );

  test('separate nodes, except those whose versions read the configuration alike', () => {
    const old = groupOf(new ScriptedInspector(), { runtime: 'old' });
    const asked: string[] = [];
    const groupFor = (group: NodeGroup, runtime: string): NodeGroup => {
      asked.push(`${group.name} ${runtime}`);
      return runtime.startsWith('containerd://1.') ? old : group;
    };
    const place = placing(nodes, { groupFor });
    expect(told(place(pod()))).toBe('rest: linux/amd64 1 (n1); old: linux/amd64 3 (n2)');
    place(selecting({ 'kubernetes.io/os': 'linux' }));
    expect(asked).toEqual(['null containerd://2.1.4', 'null containerd://1.7.1', 'null containerd://1.7.2']);
  });

  test('do not separate nodes if they come to the same', () => {
    const groupFor = (group: NodeGroup, runtime: string): NodeGroup => ({ ...group, runtime });
    expect(told(placing(nodes, { groupFor, groups: gpuGroups })(pod()))).toBe(
      'rest: linux/amd64 1 (n1), linux/amd64 3 (n2)',
    );
  });
});

describe('nodes of platforms.additional', () => {
  test('count as platforms, not as nodes', () => {
    const found = placing(mixed(), { additional: [added('linux/s390x'), added('linux/arm64')] })(pod());
    expect(told(found)).toBe('rest: linux/amd64 3 (amd-1), linux/arm64 1 (arm-1), linux/s390x +');
    expect(countOf(found)).toBe(4);
  });

  test('are compared by labels, which follow from their platform, and by taints', () => {
    const taints = [{ key: 'gpu', value: '', effect: 'NoSchedule' }] as never;
    const additional = [added('arm64', { pool: 'gpu' }, taints), added('windows/amd64')];
    const place = placing(new FakeNodes(), { additional, groups: gpuGroups });
    expect(told(place(pod()))).toBe('rest: windows/amd64 +');
    expect(told(place(pod({ tolerations: [{ operator: 'Exists' }] })))).toBe(
      'gpu: linux/arm64 +; rest: windows/amd64 +',
    );
    expect(told(place(selecting({ 'kubernetes.io/os': 'windows' })))).toBe('rest: windows/amd64 +');
    expect(told(place(pod({ nodeName: 'n1' })))).toBe('');
  });

  test('match strictly, as new nodes do', () => {
    const eligible = placing(new FakeNodes(), { additional: [added('linux/arm64')] })(pod()).eligibleGroups[0]
      ?.eligible;
    expect(eligible?.[0]?.accepts(parsePlatform('linux/arm/v7'), 'auto')).toBe(false);
  });
});

describe('RuntimeClasses', () => {
  const classes: Readonly<Record<string, RuntimeClass>> = {
    gpu: { name: 'gpu', nodeSelector: { pool: 'gpu' }, tolerations: [] },
  };
  const options = { runtimeClass: (name: string) => classes[name] };

  test('narrow the nodes', () => {
    const place = placing(mixed(), options);
    expect(told(place(pod({ runtimeClassName: 'gpu' })))).toBe('rest: linux/amd64 1 (gpu-1)');
    expect(countOf(place(pod({ runtimeClassName: 'other' })))).toBe(4);
  });

  test('that are ignored select nodes, but accept any platform', () => {
    const place = placing(mixed(), { ...options, ignoreRuntimeClasses: ['gpu', 'wasm'] });
    expect(told(place(pod({ runtimeClassName: 'wasm' })))).toBe('rest: any');
    expect(told(place(pod()))).toBe('rest: linux/amd64 3 (amd-1), linux/arm64 1 (arm-1)');
    expect(place(pod({ runtimeClassName: 'wasm', nodeSelector: { pool: 'x' } })).eligibleGroups).toEqual([]);
  });

  test('that change are read again', () => {
    let current = classes['gpu'];
    const place = placing(mixed(), { runtimeClass: () => current });
    expect(countOf(place(pod({ runtimeClassName: 'gpu' })))).toBe(1);
    current = undefined;
    expect(countOf(place(pod({ runtimeClassName: 'gpu' })))).toBe(4);
  });
});

describe('images that a node holds', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const held = (image: string, spec: object, ...names: readonly string[]): boolean => {
    const nodes = new FakeNodes(
      node('n1').build(),
      node('n2')
        .label('pool', 'gpu')
        .holds('other:1')
        .holds(...names)
        .build(),
    );
    return placing(nodes)(pod(spec)).isOnNode(parseReference(image));
  };

  test.each<[string, string, boolean]>([
    ['nginx:1', 'docker.io/library/nginx:1', true],
    ['docker.io/library/nginx:1', 'nginx:1', true],
    ['nginx:1', 'index.docker.io/library/nginx:1', true],
    ['nginx:1', 'library/nginx:1', true],
    ['nginx', 'docker.io/library/nginx:latest', true],
    ['team/app:1', 'docker.io/team/app:1', true],
    ['team/app:1', 'team/app:1', true],
    ['reg.corp:5000/app:1', 'reg.corp:5000/app:1', true],
    ['nginx:1', 'docker.io/library/nginx:2', false],
    ['nginx:1', 'reg.corp/library/nginx:1', false],
    ['reg.corp/nginx:1', 'nginx:1', false],
    ['docker.io/reg.corp/app:1', 'reg.corp/app:1', false],
    ['nginx:1', `docker.io/library/nginx@${digest}`, false],
    [`nginx@${digest}`, `docker.io/library/nginx@${digest}`, true],
    [`nginx@${digest}`, 'docker.io/library/nginx:latest', false],
    [`nginx:1@${digest}`, `docker.io/library/nginx@${digest}`, true],
    [`nginx:1@${digest}`, `nginx:1@${digest}`, true],
    [`nginx:1@${digest}`, `nginx@sha256:${'b'.repeat(64)}`, false],
    // Its tag is not its digest: the kubelet would pull.
    [`nginx:1@${digest}`, 'docker.io/library/nginx:1', false],
  ])('%s, held as %s: %s', (image, name, wanted) => {
    expect(held(image, {}, name)).toBe(wanted);
  });

  test('count only on eligible nodes', () => {
    expect(held('nginx:1', { nodeSelector: { pool: 'gpu' } }, 'nginx:1')).toBe(true);
    expect(held('nginx:1', { nodeName: 'n2' }, 'nginx:1')).toBe(true);
    expect(held('nginx:1', { nodeName: 'n1' }, 'nginx:1')).toBe(false);
  });

  test('are read from the current nodes', () => {
    const nodes = new FakeNodes(node('n1').build());
    const place = placing(nodes);
    const found = place(pod());
    expect(found.isOnNode(parseReference('nginx:1'))).toBe(false);
    nodes.put(node('n1').holds('nginx:1').build());
    expect(found.isOnNode(parseReference('nginx:1'))).toBe(true);
    expect(place(pod())).toBe(found);
    nodes.remove('n1');
    expect(found.isOnNode(parseReference('nginx:1'))).toBe(false);
  });
});

describe('the placement', () => {
  test('is computed once for pods with equal constraints, until nodes change in what matters', () => {
    const nodes = mixed();
    const place = placing(nodes);
    const first = place(pod({ nodeSelector: { pool: 'gpu' }, containers: [{ name: 'a' }] }));
    const { walks } = nodes;
    expect(place(pod({ nodeSelector: { pool: 'gpu' }, containers: [{ name: 'b' }] }))).toBe(first);
    expect(nodes.walks).toBe(walks);
    // A node reports, with nothing new.
    nodes.put(node('gpu-1').label('pool', 'gpu').holds('nginx:1').build());
    expect(place(selecting({ pool: 'gpu' }))).toBe(first);
    nodes.put(node('gpu-2', 'linux/arm64').label('pool', 'gpu').build());
    expect(told(place(selecting({ pool: 'gpu' })))).toBe(
      'rest: linux/amd64 1 (gpu-1), linux/arm64 1 (gpu-2)',
    );
    nodes.put(node('gpu-2', 'linux/arm64').label('pool', 'gpu').taint('gone').build());
    expect(told(place(selecting({ pool: 'gpu' })))).toBe('rest: linux/amd64 1 (gpu-1)');
    nodes.remove('gpu-1');
    expect(place(selecting({ pool: 'gpu' })).eligibleGroups).toEqual([]);
    nodes.put(node('amd-9').label('pool', 'gpu').build());
    nodes.remove('amd-1');
    expect(told(place(selecting({ pool: 'gpu' })))).toBe('rest: linux/amd64 1 (amd-9)');
  });

  test('of a pod that names its node reads only that node', () => {
    const nodes = mixed();
    const place = placing(nodes);
    place(pod());
    const { walks } = nodes;
    for (const name of ['amd-1', 'arm-1', 'gone']) {
      const matchFields = [{ key: 'metadata.name', operator: 'In', values: [name] }];
      const required = {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
      };
      place(pod({ affinity: { nodeAffinity: required } }));
      place(pod({ nodeName: name })).isOnNode(parseReference('nginx:1'));
    }
    expect(nodes.walks).toBe(walks);
  });

  test('is bounded for a pod with absurdly many constraints', () => {
    const nodes = new FakeNodes(...Array.from({ length: 500 }, (_, index) => node(`n${index}`).build()));
    const place = placing(nodes);
    const nodeSelector = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, '']));
    expect(countOf(place(pod({ nodeSelector })))).toBe(500);
    const tolerations = Array.from({ length: 20_000 }, () => ({ key: 'x', operator: 'Exists' }));
    expect(countOf(place(pod({ tolerations })))).toBe(500);
  });
});

describe('recorded pods', () => {
  const nodes = new FakeNodes(
    node('amd1').build(),
    node('arm1', 'linux/arm64').build(),
    node('win1', 'windows/amd64').windows('10.0.20348.2227').taint('os', 'windows').build(),
    node('win2', 'windows/amd64').windows('10.0.20348.2227').build(),
  );
  const place = placing(nodes);

  interface Review {
    readonly request: {
      readonly object: unknown;
      readonly kind: { readonly group: string; readonly kind: string };
    };
  }

  const recorded = (name: string): PodPlacement => {
    const file = new URL(`../../../../fixtures/reviews/${name}.json`, import.meta.url);
    const { request } = JSON.parse(readFileSync(file, 'utf8')) as Review;
    const workload = templateOf(request.object, request.kind);
    if (!workload) throw new Error(`${name} is not a workload`);
    return place(workload.pod);
  };

  test.each<[string, string]>([
    ['pod-create-daemonset', 'rest: linux/arm64 1 (arm1)'],
    ['pod-create-windows', 'rest: windows(10.0.20348.2227)/amd64 1 (win2)'],
    ['pod-create-serviceaccount-nodename', 'rest: linux/arm64 1 (arm1)'],
    [
      'pod-create-job',
      'rest: linux/amd64 1 (amd1), linux/arm64 1 (arm1), windows(10.0.20348.2227)/amd64 1 (win2)',
    ],
    [
      'deployment-create',
      'rest: linux/amd64 1 (amd1), linux/arm64 1 (arm1), windows(10.0.20348.2227)/amd64 1 (win2)',
    ],
  ])('%s', (name, wanted) => {
    expect(told(recorded(name))).toBe(wanted);
  });
});
