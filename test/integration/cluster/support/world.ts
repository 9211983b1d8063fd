/** A cluster for one test file: control plane, nodes, a registry that plays docker.io, and Pratique from its chart. Every test takes a namespace of its own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifact, multiArch, platform, single } from '../../../kit/registries/images.ts';
import { serviceAccountOf } from '../../../kit/cluster/apply.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from '../../../kit/cluster/control-plane/control-plane.ts';
import { type Installation, type InstallOptions, install } from '../../../kit/cluster/installation.ts';
import { type Kubectl, kubectl, must } from '../../../kit/cluster/kubectl.ts';
import { commonNodes, createNodes, type FakeNode } from '../../../kit/cluster/nodes/nodes.ts';
import type { Json } from '../../../kit/fakes/pods.ts';
import { plainStand, type Stand } from '../../../kit/registries/registry-fixtures.ts';
import { type Api, apiOf } from './api.ts';

export interface WorldOptions {
  readonly controlPlane?: ControlPlaneOptions;
  readonly install?: InstallOptions;
  /** Beside the common ones. */
  readonly nodes?: readonly FakeNode[];
}

export type Mode = 'enforce' | 'warn' | 'audit' | 'off';

export interface World extends AsyncDisposable {
  readonly cluster: ControlPlane;
  readonly pratique: Installation;
  readonly registry: Stand;
  readonly api: Api;
  /** The nodes' `certs.d`. */
  readonly certs: string;
  /** Digests of `images`, by `name:tag`. */
  readonly digests: Readonly<Record<string, string>>;
  /** A new namespace; the chart's mode, `warn`, without one. */
  namespace(mode?: Mode, labels?: Readonly<Record<string, string>>): Promise<string>;
  kubectl(...args: readonly string[]): Promise<Kubectl>;
  /** `kubectl create -f -` */
  create(namespace: string, object: Json, ...args: readonly string[]): Promise<Kubectl>;
  /** The image of a pod's first container, as it is stored. */
  image(namespace: string, pod: string): Promise<string>;
  /** How many calls of the webhooks `work` led to. */
  asked(work: () => Promise<unknown>): Promise<number>;
}

/** What docker.io has. Nodes without taints are linux/amd64 and linux/arm64. */
const everywhere = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const images = {
  'library/nginx:1.27': multiArch(everywhere),
  'library/nginx:1.28': multiArch(everywhere, { salt: '1.28' }),
  'library/busybox:1.37': multiArch(everywhere, { salt: 'busybox' }),
  'team/assets:3': multiArch(everywhere, { salt: 'assets' }),
  'team/two:1': multiArch(['linux/amd64', 'linux/arm64'], { salt: 'two' }),
  'team/legacy:2': multiArch(['linux/amd64']),
  'team/edge:1': single(platform('linux/arm64')),
  'team/windows:1': multiArch(['windows/amd64'], { salt: 'windows' }),
  'team/chart:5': artifact('application/vnd.cncf.helm.chart.v1'),
};

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const running = new AsyncDisposableStack();
  try {
    const registry = running.use(await plainStand());
    const digests: Record<string, string> = {};
    for (const [name, image] of Object.entries(images)) {
      const [repository = '', tag = ''] = name.split(':');
      digests[name] = await registry.put(repository, tag, image);
    }
    const certs = await certsFolder(registry.registry.url);
    running.defer(() => rm(certs, { recursive: true, force: true }));
    const cluster = running.use(await startControlPlane({ audit: true, ...options.controlPlane }));
    await createNodes(cluster.kubeconfig, [...commonNodes, ...(options.nodes ?? [])]);
    const more = options.install ?? {};
    const pratique = running.use(
      await install(cluster, {
        ...more,
        configuration: {
          mirrors: { containerd: { configPath: certs } },
          cache: { tagTTL: '1s', failureTTL: '1s' },
          ...more.configuration,
        },
      }),
    );
    const api = running.use(apiOf(cluster));
    return {
      ...tools(cluster, pratique),
      cluster,
      pratique,
      registry,
      api,
      certs,
      digests,
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

/** Mirror configuration of the nodes, in which docker.io is that registry. */
async function certsFolder(server: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-certs-'));
  await mkdir(join(folder, 'docker.io'));
  await writeFile(join(folder, 'docker.io', 'hosts.toml'), hostsToml(server));
  return folder;
}

/** With a table of its own: containerd 1.x ignores the whole file without. */
export function hostsToml(server: string): string {
  return `server = "${server}"\n\n[host."${server}"]\n  capabilities = ["pull", "resolve"]\n`;
}

type Tools = Pick<World, 'namespace' | 'kubectl' | 'create' | 'image' | 'asked'>;

function tools({ kubeconfig }: ControlPlane, pratique: Installation): Tools {
  let namespaces = 0;
  return {
    async namespace(mode, labels = {}) {
      namespaces += 1;
      const name = `test-${namespaces}`;
      const all = { ...labels, ...(mode && { 'pratique.dev/mode': mode }) };
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: all } };
      await must(kubeconfig, ['create', '-f', '-'], { stdin: JSON.stringify(object) });
      await serviceAccountOf(kubeconfig, name);
      return name;
    },
    kubectl: (...args) => kubectl(kubeconfig, args),
    create: (namespace, object, ...args) =>
      kubectl(kubeconfig, ['create', '--namespace', namespace, '-f', '-', ...args], {
        stdin: JSON.stringify(inNamespace(object, namespace)),
      }),
    async image(namespace, pod) {
      const path = '-o=jsonpath={.spec.containers[0].image}';
      return must(kubeconfig, ['get', 'pod', pod, '--namespace', namespace, path]);
    },
    async asked(work) {
      const kinds = ['pratique_admission_requests_total{', 'pratique_admission_exempt_total{'];
      const count = async () => {
        const counts = await Promise.all(kinds.map((kind) => pratique.sum(kind)));
        return counts.reduce((a, b) => a + b, 0);
      };
      const before = await count();
      await work();
      return (await count()) - before;
    },
  };
}

function inNamespace(object: Json, namespace: string): Json {
  return { ...object, metadata: { ...(object['metadata'] as Json), namespace } };
}
