/** Pods by name, for the lives: made, seen, waited for. */
import { setTimeout as delay } from 'node:timers/promises';
import { runnable } from '../../kit/node/runnable-images.ts';
import { plainHttp, writeHosts } from '../../kit/node/real-cluster.ts';
import { domain } from '../../kit/node/virtual-registries.ts';
import { enforced } from '../verdict.ts';
import type { Stage } from './life.ts';

export interface LivingPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly imageID: string;
      readonly restartCount: number;
    }[];
    readonly ephemeralContainerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
}

const host = `lives.${domain}`;
const patienceMs = 40_000;
const pauseMs = 300;

export const podsPath = `/api/v1/namespaces/${enforced}/pods`;

/** Puts an image of this name and node into the registry of the lives; gives its reference. */
export async function provide({ cluster, node }: Stage, name: string): Promise<string> {
  const { registries } = cluster;
  const address = `${host}:${registries.plainPort}`;
  registries
    .host(host)
    .add(repositoryOf(node.name, name), '1', runnable('linux/amd64', { salt: `${name} ${node.name}` }));
  await writeHosts(node, address, { 'hosts.toml': plainHttp(address) });
  return `${address}/${repositoryOf(node.name, name)}:1`;
}

/** The registry loses the image of this name: its tag, and its digest. */
export function lose({ cluster: { registries }, node }: Stage, name: string, digest: string): void {
  registries.host(host).remove(repositoryOf(node.name, name), '1', digest);
}

function repositoryOf(node: string, name: string): string {
  return `${node}/${name}`;
}

/** A pod spec for the node of the stage. */
export function specFor({ node }: Stage, image: string): object {
  return {
    nodeSelector: { 'kubernetes.io/hostname': node.name },
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    hostNetwork: true,
    containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }],
  };
}

/** The status of the answer, 201 if it was stored. */
export async function createPod(stage: Stage, name: string, image: string): Promise<number> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: specFor(stage, image) };
  return (await stage.api.send('POST', podsPath, pod)).status;
}

export async function readPod({ api }: Stage, name: string): Promise<LivingPod | null> {
  const { status, body } = await api.send<LivingPod>('GET', `${podsPath}/${name}`);
  return status === 200 ? body : null;
}

/** What `look` gives as soon as it is not null; null when patience ends. */
export async function waitFor<T>(look: () => Promise<T | null>): Promise<T | null> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(pauseMs)) {
    const seen = await look();
    if (seen !== null) return seen;
  }
  return null;
}

export function untilRunning(stage: Stage, name: string): Promise<LivingPod | null> {
  return waitFor(async () => {
    const pod = await readPod(stage, name);
    return pod?.status.phase === 'Running' ? pod : null;
  });
}
