/** A whole real cluster in a private box: control plane, DNS, registries of any name, and nodes that run containers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane/control-plane.ts';
import { type Processes, processes } from '../cluster/control-plane/processes.ts';
import { answers, untilReady } from '../cluster/control-plane/readiness.ts';
import { must } from '../cluster/kubectl.ts';
import { push } from '../registries/push.ts';
import { boxAddress } from './machine.ts';
import { currentBox } from './private-box.ts';
import { imageOfArchive } from './image-archive.ts';
import { nodeTokens, type RealNode, type RuntimeLine, startRealNode } from './real-node.ts';
import { sandboxImage } from './runnable-images.ts';
import type { NodeTools } from './tools.ts';
import { domain, startVirtualRegistries, type VirtualRegistries } from './virtual-registries.ts';

export interface RealCluster extends AsyncDisposable {
  readonly folder: string;
  readonly control: ControlPlane;
  readonly registries: VirtualRegistries;
  readonly nodes: readonly RealNode[];
  readonly processes: Processes;
  readonly tools: NodeTools;
}

export interface RealClusterOptions {
  readonly tools: NodeTools;
  /** Name and runtime of every node. */
  readonly nodes: Readonly<Record<string, RuntimeLine>>;
}

/** A registry that takes pushes, for the images of the cluster itself; Debian's `docker-registry`. */
const infrastructurePort = 5010;
export const infrastructureHost = `infrastructure.${domain}:${infrastructurePort}`;
const infrastructureUrl = `http://${boxAddress}:${infrastructurePort}`;
const patienceMs = 90_000;

/** Resolves when every node is ready. Inside a private box only. */
export async function startRealCluster({ tools, nodes }: RealClusterOptions): Promise<RealCluster> {
  const { folder, group } = currentBox();
  const running = new AsyncDisposableStack();
  try {
    const children = processes('');
    running.defer(() => children.stop());
    const registries = running.use(await startVirtualRegistries(boxAddress));
    const dns = ['--keep-in-foreground', '--no-resolv', '--no-hosts', '--bind-interfaces', '--user=root'];
    const names = [`--listen-address=${boxAddress}`, `--address=/${domain}/${boxAddress}`, '--local=/#/'];
    const files = ['--conf-file=/dev/null', '--pid-file='];
    children.start('dnsmasq', '/usr/sbin/dnsmasq', [...dns, ...names, ...files], join(folder, 'dnsmasq.log'));
    const control = running.use(
      await startControlPlane({
        tokens: nodeTokens(Object.keys(nodes)),
        apiServerFlags: [
          '--bind-address=0.0.0.0',
          `--advertise-address=${boxAddress}`,
          '--endpoint-reconciler-type=master-count',
          // Beside RBAC.
          '--authorization-mode=Node',
          '--kubelet-preferred-address-types=InternalIP',
          // Webhooks are called at their pods: no kube-proxy serves the box itself.
          '--enable-aggregator-routing=true',
        ],
      }),
    );
    await fillInfrastructure(children, folder, tools);
    const common = { folder, group, tools, server: control.server, ca: control.ca };
    const started = await Promise.all(
      Object.entries(nodes).map(async ([name, runtime], at) => {
        const node = await startRealNode(children, {
          ...common,
          name,
          runtime,
          number: at + 1,
          sandboxImage: `${infrastructureHost}/pause:1`,
        });
        await writeHosts(node, infrastructureHost, { 'hosts.toml': plainHttp(infrastructureHost) });
        return node;
      }),
    );
    for (const node of started) await untilNodeReady(control, node);
    return {
      folder,
      control,
      registries,
      nodes: started,
      processes: children,
      tools,
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

/** A hosts.toml for a registry that speaks plain HTTP. containerd 1.6 reads none that has `server` alone. */
export function plainHttp(host: string): string {
  return `server = "http://${host}"\n[host."http://${host}"]\n`;
}

/** Writes files of one node's folder for a registry, hosts.toml and what it names. */
export async function writeHosts(
  { certificates }: Pick<RealNode, 'certificates'>,
  host: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = join(certificates, host);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

async function fillInfrastructure(children: Processes, folder: string, { image }: NodeTools): Promise<void> {
  const file = join(folder, 'infrastructure.yaml');
  const storage = {
    filesystem: { rootdirectory: join(folder, 'infrastructure') },
    delete: { enabled: true },
  };
  const http = { addr: `${boxAddress}:${infrastructurePort}`, secret: 'of the box' };
  await writeFile(file, stringify({ version: '0.1', log: { level: 'error' }, storage, http }));
  const log = join(folder, 'infrastructure.log');
  const registry = children.start('docker-registry', '/usr/bin/docker-registry', ['serve', file], log);
  await untilReady(registry, answers(`${infrastructureUrl}/v2/`));
  await push({ url: infrastructureUrl }, 'pause', '1', sandboxImage());
  await push({ url: infrastructureUrl }, 'pratique', 'test', await imageOfArchive(image, folder));
}

async function untilNodeReady({ kubeconfig }: ControlPlane, node: RealNode): Promise<void> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  const args = ['get', 'node', node.name, '--ignore-not-found', '-o', path];
  for (const end = Date.now() + patienceMs; ; await delay(200)) {
    if ((await must(kubeconfig, args)) === 'True') return;
    if (Date.now() > end) throw new Error(`the node ${node.name} is not ready:\n${node.logs()}`);
  }
}
