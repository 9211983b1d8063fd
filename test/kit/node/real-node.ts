/** A real node of a cluster: containerd, kubelet and kube-proxy on a machine of their own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { kubeconfig } from '../cluster/control-plane/kubeconfig.ts';
import type { Processes, Running } from '../cluster/control-plane/processes.ts';
import { containerd1Config, containerd2Config, containerdSocket } from './containerd.ts';
import { boxAddress, type Machine, startMachine } from './machine.ts';
import type { NodeTools } from './tools.ts';

/** `1.6` is Debian's containerd, `2` the newest one. */
export type RuntimeLine = '1.6' | '2';

export interface RealNode {
  readonly name: string;
  readonly runtime: RuntimeLine;
  /** Tree of hosts.toml files, below which tests write. */
  readonly certificates: string;
  /** Folder of static pods. */
  readonly staticPods: string;
  readonly address: string;
  /** `ctr` in the namespace of the kubelet's images. */
  ctr(...args: readonly string[]): Promise<string>;
  /** Ends the kubelet as a crash would, and starts it again. */
  restartKubelet(): Promise<void>;
  /** Last lines of its programs' logs. */
  logs(): string;
}

export interface RealNodeOptions {
  readonly name: string;
  readonly number: number;
  readonly runtime: RuntimeLine;
  readonly folder: string;
  readonly group: string;
  readonly tools: NodeTools;
  readonly sandboxImage: string;
  readonly server: string;
  /** PEM of the cluster's CA. */
  readonly ca: string;
}

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Token of the node `name`, and of kube-proxy; lines of the API server's token file. */
export function nodeTokens(names: readonly string[]): string {
  const nodes = names.map((name) => `node-token-${name},system:node:${name},u-${name},system:nodes`);
  return [...nodes, 'proxy-token,system:kube-proxy,u-proxy', ''].join('\n');
}

/** Resolves when containerd and the kubelet run; the node is ready a moment later. */
export async function startRealNode(processes: Processes, options: RealNodeOptions): Promise<RealNode> {
  const { name, runtime, tools } = options;
  const machine = await startMachine(processes, options);
  const folder = (part: string) => join(machine.folder, part);
  const certificates = folder('certs.d');
  const staticPods = folder('static-pods');
  for (const each of [certificates, staticPods, folder('cni'), folder('volume-plugins')])
    await mkdir(each, { recursive: true });
  await writeConfiguration(machine, options, { certificates, staticPods });
  const [programs, path] =
    runtime === '1.6' ? ['/usr/bin', systemPath] : [tools.containerd, `${tools.containerd}:${systemPath}`];
  const containerd = machine.start(
    'containerd',
    join(programs, 'containerd'),
    ['-c', folder('containerd.toml')],
    path,
  );
  const ctr = (...args: readonly string[]) =>
    machine.run(join(programs, 'ctr'), ['-a', containerdSocket, '-n', 'k8s.io', ...args]);
  await untilAnswers(containerd, () => ctr('version'));
  const kubelet = () =>
    machine.start('kubelet', join(tools.kubelet, 'kubelet'), kubeletFlags(machine), systemPath);
  let running = kubelet();
  const proxy = machine.start(
    'kube-proxy',
    join(tools.kubelet, 'kube-proxy'),
    [`--config=${folder('kube-proxy.yaml')}`],
    systemPath,
  );
  return {
    name,
    runtime,
    certificates,
    staticPods,
    address: machine.address,
    ctr,
    async restartKubelet() {
      running.kill('SIGKILL');
      await running.exited;
      running = kubelet();
    },
    logs: () => [containerd, running, proxy].map(lastLines).join('\n'),
  };
}

function kubeletFlags({ name, address, folder }: Machine): readonly string[] {
  return [
    `--config=${join(folder, 'kubelet.yaml')}`,
    `--kubeconfig=${join(folder, 'kubelet.kubeconfig')}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
    `--root-dir=${join(folder, 'kubelet')}`,
    `--cert-dir=${join(folder, 'kubelet-certificates')}`,
    '--v=2',
  ];
}

async function writeConfiguration(
  machine: Machine,
  { name, runtime, sandboxImage, server, ca, folder: box }: RealNodeOptions,
  { certificates, staticPods }: { readonly certificates: string; readonly staticPods: string },
): Promise<void> {
  const path = (part: string) => join(machine.folder, part);
  const write = (part: string, text: string) => writeFile(path(part), text, { mode: 0o600 });
  const containerd = runtime === '1.6' ? containerd1Config : containerd2Config;
  const here = server.replace('127.0.0.1', boxAddress);
  // The certificate is for loopback, and for the address of the Service.
  const config = (token: string) => kubeconfig(here, ca, [{ name, token }], 'localhost');
  await write(
    'containerd.toml',
    containerd({ root: path('containerd'), configPath: certificates, cni: path('cni'), sandboxImage }),
  );
  await write('ca.crt', ca);
  await write('kubelet.kubeconfig', config(`node-token-${name}`));
  await write('kube-proxy.kubeconfig', config('proxy-token'));
  await write('kubelet.yaml', stringify(kubeletConfiguration(path, staticPods, join(box, 'resolv.conf'))));
  await write('kube-proxy.yaml', stringify(proxyConfiguration(name, path('kube-proxy.kubeconfig'))));
  await write('cni/10-bridge.conflist', JSON.stringify(podNetwork(machine.podNetwork)));
}

function kubeletConfiguration(
  path: (part: string) => string,
  staticPods: string,
  resolvConf: string,
): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    failSwapOn: false,
    // See containerd.ts: it cannot be lowered.
    oomScoreAdj: 0,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: path('ca.crt') },
    },
    authorization: { mode: 'AlwaysAllow' },
    clusterDomain: 'cluster.local',
    clusterDNS: [boxAddress],
    resolvConf,
    makeIPTablesUtilChains: false,
    enforceNodeAllocatable: [],
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    maxPods: 250,
    podLogsDir: path('pod-logs'),
    volumePluginDir: path('volume-plugins'),
    staticPodPath: staticPods,
    fileCheckFrequency: '1s',
    nodeStatusUpdateFrequency: '3s',
    // Many pods at once, each with an image of its own: no queue, and no refusal of more than five a second.
    serializeImagePulls: false,
    maxParallelImagePulls: 8,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    // The 50 largest otherwise, of which the small images of tests are none.
    nodeStatusMaxImages: -1,
  };
}

function proxyConfiguration(name: string, config: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: config },
    hostnameOverride: name,
    mode: 'iptables',
    clusterCIDR: '10.98.0.0/16',
    // What belongs to the whole machine is left as it is.
    conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: '0s', tcpEstablishedTimeout: '0s' },
  };
}

function podNetwork(subnet: string): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: '/run/cni',
        },
      },
    ],
  };
}

const patienceMs = 30_000;

async function untilAnswers(running: Running, ask: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + patienceMs; ; await delay(50)) {
    const answered = await ask().then(
      () => true,
      () => false,
    );
    if (answered) return;
    if (running.ended() || Date.now() > end)
      throw new Error(`${running.name} did not start:\n${lastLines(running)}`);
  }
}

function lastLines(running: Running): string {
  return `== ${running.name}\n${running.log().trimEnd().split('\n').slice(-25).join('\n')}`;
}
