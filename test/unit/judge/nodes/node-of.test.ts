import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nodeOf } from '../../../../src/judge/nodes/node-of.ts';
import { formatAll } from '../../../../src/resolve/platform/format.ts';
import { node } from './nodes.ts';

const platformOf = (object: unknown): string | null => {
  const found = nodeOf(object);
  return found && formatAll(found.platform);
};
const bare = (labels: object, nodeInfo: object = {}) => ({
  metadata: { name: 'n', labels },
  status: { nodeInfo },
});

test('reads a Node object', () => {
  const object = node('arm-1', 'linux/arm64')
    .label('pool', 'a')
    .taint('gpu', 'yes', 'NoExecute')
    .holds('docker.io/library/nginx:1', 'docker.io/library/nginx@sha256:1')
    .holds('busybox:1')
    .object();
  expect(nodeOf(object)).toEqual({
    name: 'arm-1',
    labels: {
      'kubernetes.io/hostname': 'arm-1',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'arm64',
      pool: 'a',
    },
    taints: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }],
    platform: { os: 'linux', architecture: 'arm64', variant: '', osVersion: '', osFeatures: [] },
    runtime: 'containerd://2.1.4',
    images: ['docker.io/library/nginx:1', 'docker.io/library/nginx@sha256:1', 'busybox:1'],
  });
});

describe('its platform', () => {
  const os = 'kubernetes.io/os';
  const arch = 'kubernetes.io/arch';
  const build = 'node.kubernetes.io/windows-build';
  const windows = { operatingSystem: 'windows', architecture: 'amd64' };

  test.each<[string, object, string | null]>([
    ['is what the kubelet says', node('n', 'linux/s390x').object(), 'linux/s390x'],
    ['of plain arm is v7, as containerd has it', node('n', 'linux/arm').object(), 'linux/arm/v7'],
    ['is normalised', bare({}, { operatingSystem: 'Linux', architecture: 'aarch64' }), 'linux/arm64'],
    [
      'is that of the labels where the kubelet says none',
      bare({ [os]: 'linux', [arch]: 'arm64' }),
      'linux/arm64',
    ],
    [
      'is not that of the labels where the kubelet says one',
      bare({ [os]: 'windows', [arch]: 'arm64' }, { operatingSystem: 'linux', architecture: 'amd64' }),
      'linux/amd64',
    ],
    ['is not known of a node that has just come', bare({ [os]: 'linux' }), null],
    [
      'has the build of Windows from its kernel',
      node('n', 'windows/amd64').windows('10.0.20348.2227').object(),
      'windows(10.0.20348.2227)/amd64',
    ],
    [
      'has the build of Windows from its label where the kernel says none',
      bare({ [build]: '10.0.26100' }, { ...windows, kernelVersion: 'ten' }),
      'windows(10.0.26100)/amd64',
    ],
    ['has no build where nothing tells', bare({}, windows), 'windows/amd64'],
    ['of linux has none, whatever its kernel', node('n').windows('6.1.0-13-amd64').object(), 'linux/amd64'],
    ['is not a text of absurd length', bare({}, { ...windows, architecture: 'a'.repeat(1_000) }), null],
  ])('%s', (_what, object, wanted) => {
    expect(platformOf(object)).toBe(wanted);
  });
});

describe('its taints', () => {
  const keys = (object: unknown): readonly string[] | undefined =>
    nodeOf(object)?.taints.map(({ key }) => key);

  test.each([
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/unreachable',
    'node.kubernetes.io/unschedulable',
    'node.kubernetes.io/memory-pressure',
    'node.kubernetes.io/disk-pressure',
    'node.kubernetes.io/pid-pressure',
    'node.kubernetes.io/network-unavailable',
    'node.kubernetes.io/out-of-service',
    'node.cloudprovider.kubernetes.io/uninitialized',
    'node.cloudprovider.kubernetes.io/shutdown',
  ])('do not include the health taint %s', (key) => {
    const object = node('n').taint(key, '', 'NoExecute').taint('mine').object();
    expect(keys(object)).toEqual(['mine']);
  });

  test('a cordoned node is read without its taint', () => {
    const object = node('n').taint('node.kubernetes.io/unschedulable').object();
    expect(nodeOf({ ...object, spec: { unschedulable: true } })?.name).toBe('n');
  });

  test('without a known effect are ignored', () => {
    const taints = [{ key: 'a', effect: 'NoExecute' }, { key: 'b', effect: 'Maybe' }, { key: 'c' }, 'd'];
    expect(keys({ ...node('n').object(), spec: { taints } })).toEqual(['a']);
  });
});

describe('hostile nodes', () => {
  test('malformed members read as missing', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 5 }), fc.anything(), (odd, other) => {
        nodeOf(odd);
        const found = nodeOf({
          metadata: { name: 'n', labels: odd },
          spec: { taints: other },
          status: {
            nodeInfo: { operatingSystem: 'linux', architecture: 'amd64', containerRuntimeVersion: odd },
            images: other,
          },
        });
        expect(found?.name).toBe('n');
      }),
    );
  });

  test('names of images are bounded, in number and in length', () => {
    const names = Array.from({ length: 6_000 }, (_, index) => `a:${index}`);
    expect(
      nodeOf(
        node('n')
          .holds(...names)
          .object(),
      )?.images,
    ).toHaveLength(5_000);
    expect(nodeOf(node('n').holds('b:1', 'x'.repeat(2_000)).object())?.images).toEqual(['b:1']);
  });

  test('names of images can be shared among nodes', () => {
    const shared: string[] = [];
    nodeOf(node('n').holds('a:1').object(), (name) => `${shared.push(name)}`);
    expect(shared).toEqual(['a:1']);
  });

  test('labels keep their own names', () => {
    const labels = JSON.parse('{"__proto__":"x","constructor":"y","n":5}') as object;
    expect(
      Object.entries(nodeOf(bare(labels, { operatingSystem: 'linux', architecture: 'amd64' }))?.labels ?? {}),
    ).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});
