/** Nodes without a kubelet: ready as soon as they are made, pods are bound to them and never run. */
import { must } from '../kubectl.ts';
import { type KubernetesObject, listOf } from './objects.ts';

export interface FakeNode {
  readonly name: string;
  /** `linux/amd64`, `linux/arm/v7`, `windows/amd64`. */
  readonly platform: string;
  /** `containerd://2.1.4` when absent. */
  readonly runtime?: string;
  /** Build of Windows; 10.0.20348 (Server 2022) if absent. */
  readonly build?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** What the node has already: all names of an image, as the kubelet reports them. */
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes?: number }[];
  readonly unschedulable?: boolean;
  readonly ready?: boolean;
}

/** One of each platform that the project speaks of; Windows nodes carry the usual taint. */
export const commonNodes: readonly FakeNode[] = [
  { name: 'amd-1', platform: 'linux/amd64' },
  { name: 'arm-1', platform: 'linux/arm64' },
  {
    name: 'pi-1',
    platform: 'linux/arm/v7',
    runtime: 'containerd://1.7.27',
    taints: [{ key: 'edge', value: 'true', effect: 'NoSchedule' }],
  },
  {
    name: 'win-1',
    platform: 'windows/amd64',
    taints: [{ key: 'os', value: 'windows', effect: 'NoSchedule' }],
  },
];

/** Makes the nodes; a status may be given at creation, so one request each. */
export async function createNodes(kubeconfig: string, nodes: readonly FakeNode[]): Promise<void> {
  await must(kubeconfig, ['create', '-f', '-'], { stdin: listOf(nodes.map(nodeObject)) });
}

export function nodeObject(node: FakeNode): KubernetesObject {
  const { name, platform, labels = {}, taints = [], images = [], unschedulable, ready = true } = node;
  const [os = '', architecture = ''] = platform.split('/');
  const capacity = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '1Ti' };
  const long = '2026-01-01T00:00:00Z';
  const windows = os === 'windows';
  const build = node.build ?? '10.0.20348';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': os,
        'kubernetes.io/arch': architecture,
        ...(windows && { 'node.kubernetes.io/windows-build': build }),
        ...labels,
      },
    },
    spec: { taints, ...(unschedulable !== undefined && { unschedulable }) },
    status: {
      capacity,
      allocatable: capacity,
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          reason: ready ? 'KubeletReady' : 'KubeletNotReady',
          lastHeartbeatTime: long,
          lastTransitionTime: long,
        },
      ],
      images: images.map(({ names, sizeBytes = 1_000_000 }) => ({ names, sizeBytes })),
      nodeInfo: {
        machineID: name,
        systemUUID: name,
        bootID: name,
        kernelVersion: windows ? `${build}.2340` : '6.12.0',
        osImage: windows ? 'Windows Server 2022 Datacenter' : 'Debian GNU/Linux 13',
        containerRuntimeVersion: node.runtime ?? 'containerd://2.1.4',
        kubeletVersion: 'v1.36.3',
        kubeProxyVersion: '',
        operatingSystem: os,
        architecture,
      },
    },
  };
}
