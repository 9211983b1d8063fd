/** Plays the kubelets of nodes that have none: pods that are bound run at once, pods that are deleted go. Nothing is pulled, unless the caller says what. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment, kubectl, program } from '../kubectl.ts';
import { NodeImages, type Pulled } from './node-images.ts';

export interface KubeletOptions {
  /** What the node would have pulled for `image`; null: it cannot be pulled. */
  readonly pull: (image: string, node: string) => Promise<Pulled | null>;
}

interface Container {
  readonly name: string;
  readonly image: string;
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: { readonly phase?: string };
}

/** Works until it is disposed. */
export async function startKubelets(kubeconfig: string, options: KubeletOptions): Promise<AsyncDisposable> {
  const kubelets = new Map<string, Kubelet>();
  const kubeletOf = (node: string) => {
    const kubelet = kubelets.get(node) ?? new Kubelet(kubeconfig, node, options);
    kubelets.set(node, kubelet);
    return kubelet;
  };
  const watch = spawn(await program(), ['get', 'pods', '-A', '--watch', '-o', 'json'], {
    env: environment(kubeconfig),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise((resolve) => watch.once('close', resolve));
  const seen = new Set<string>();
  const work = new Set<Promise<void>>();
  const once = (key: string, act: () => Promise<void>) => {
    if (seen.has(key)) return;
    seen.add(key);
    const done = act().finally(() => work.delete(done));
    work.add(done);
  };
  const take = (text: string) => {
    const pod = JSON.parse(text) as Pod;
    const { uid, deletionTimestamp } = pod.metadata;
    const { nodeName } = pod.spec;
    if (deletionTimestamp !== undefined) {
      if (nodeName) kubeletOf(nodeName).forget(pod);
      once(`gone ${uid}`, () => remove(kubeconfig, pod));
    } else if (nodeName && pod.status?.phase === 'Pending') {
      once(uid, () => kubeletOf(nodeName).run(pod));
    }
  };
  // kubectl prints indented objects one after the other: each ends with a brace at the start of a line.
  let lines: string[] = [];
  createInterface({ input: watch.stdout }).on('line', (line) => {
    lines.push(line);
    if (line !== '}') return;
    take(lines.join('\n'));
    lines = [];
  });
  return {
    async [Symbol.asyncDispose]() {
      watch.kill('SIGKILL');
      await exited;
      await Promise.all(work);
    },
  };
}

/** What the containers of a pod run, by name of the container. */
interface RunningPod {
  readonly pod: Pod;
  readonly since: string;
  /** null: the image cannot be pulled. */
  readonly configurations: ReadonlyMap<string, string | null>;
}

/** The kubelet of one node, and the images that the node holds. */
class Kubelet {
  readonly #images = new NodeImages();
  readonly #pods = new Map<string, RunningPod>();
  /** The last `imageID`s that were told, by uid. */
  readonly #told = new Map<string, string>();
  readonly #kubeconfig: string;
  readonly #node: string;
  readonly #pull: KubeletOptions['pull'];

  constructor(kubeconfig: string, node: string, { pull }: KubeletOptions) {
    this.#kubeconfig = kubeconfig;
    this.#node = node;
    this.#pull = pull;
  }

  async run(pod: Pod): Promise<void> {
    const configurations = new Map<string, string | null>();
    for (const { name, image } of pod.spec.containers) {
      const pulled = await this.#pull(image, this.#node);
      if (pulled) this.#images.pull(image, pulled);
      configurations.set(name, pulled?.configuration ?? null);
    }
    this.#pods.set(pod.metadata.uid, { pod, since: new Date().toISOString(), configurations });
    await this.#tell();
    const patch = JSON.stringify({ status: { images: this.#images.report() } });
    const args = ['--subresource', 'status', '--type', 'merge', '--patch', patch];
    await kubectl(this.#kubeconfig, ['patch', 'node', this.#node, ...args]);
  }

  forget({ metadata }: Pod): void {
    this.#pods.delete(metadata.uid);
    this.#told.delete(metadata.uid);
  }

  /** Every pod whose status is another now: a pull may give a running container another `imageID`. */
  async #tell(): Promise<void> {
    for (const [uid, running] of this.#pods) {
      const status = statusOf(running, this.#images);
      const ids = JSON.stringify(status.containerStatuses.map(({ imageID }) => imageID));
      if (this.#told.get(uid) === ids) continue;
      this.#told.set(uid, ids);
      await patchStatus(this.#kubeconfig, running.pod, status);
    }
  }
}

function statusOf({ pod, since, configurations }: RunningPod, images: NodeImages) {
  const { initContainers = [], containers } = pod.spec;
  const statuses = containers.map(({ name, image }) => {
    const configuration = configurations.get(name) ?? null;
    const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
    return {
      name,
      image: configuration === null ? image : images.imageName(configuration),
      imageID: configuration === null ? '' : images.imageId(configuration),
      ready: configuration !== null,
      restartCount: 0,
      state: configuration === null ? { waiting } : { running: { startedAt: since } },
    };
  });
  const ready = statuses.every((status) => status.ready) ? 'True' : 'False';
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: since });
  return {
    phase: ready === 'True' ? 'Running' : 'Pending',
    startTime: since,
    conditions: [condition('Ready', ready), condition('ContainersReady', ready)],
    containerStatuses: statuses,
    initContainerStatuses: initContainers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: true,
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: since, finishedAt: since } },
    })),
  };
}

/** A pod that has gone meanwhile needs no status. */
async function patchStatus(kubeconfig: string, { metadata }: Pod, status: object): Promise<void> {
  const pod = ['pod', metadata.name, '--namespace', metadata.namespace];
  const patch = ['--type', 'strategic', '--patch', JSON.stringify({ status })];
  await kubectl(kubeconfig, ['patch', ...pod, '--subresource', 'status', ...patch]);
}

async function remove(kubeconfig: string, { metadata }: Pod): Promise<void> {
  const pod = ['pod', metadata.name, '--namespace', metadata.namespace];
  const atOnce = ['--force', '--grace-period=0', '--wait=false', '--ignore-not-found'];
  await kubectl(kubeconfig, ['delete', ...pod, ...atOnce]);
}
