/** Plays the kubelets of nodes that have none: pods that are bound run at once, pods that are deleted go. Nothing is pulled, unless the caller says what. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment, kubectl, program } from '../kubectl.ts';

export interface KubeletOptions {
  /** Digest of the image that a node would have pulled for `image`; null: it cannot be pulled. */
  readonly digestOf: (image: string) => Promise<string | null>;
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
    if (deletionTimestamp !== undefined) once(`gone ${uid}`, () => remove(kubeconfig, pod));
    else if (pod.spec.nodeName && pod.status?.phase === 'Pending') {
      once(uid, () => run(kubeconfig, pod, options));
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

async function run(kubeconfig: string, pod: Pod, { digestOf }: KubeletOptions): Promise<void> {
  const { initContainers = [], containers } = pod.spec;
  const now = new Date().toISOString();
  const statuses = await Promise.all(
    containers.map(async ({ name, image }) => {
      const digest = await digestOf(image);
      const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
      return {
        name,
        image,
        imageID: digest === null ? '' : `${repository(image)}@${digest}`,
        ready: digest !== null,
        restartCount: 0,
        state: digest === null ? { waiting } : { running: { startedAt: now } },
      };
    }),
  );
  const ready = statuses.every((status) => status.ready) ? 'True' : 'False';
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: now });
  await patchStatus(kubeconfig, pod, {
    phase: ready === 'True' ? 'Running' : 'Pending',
    startTime: now,
    conditions: [condition('Ready', ready), condition('ContainersReady', ready)],
    containerStatuses: statuses,
    initContainerStatuses: initContainers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: true,
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } },
    })),
  });
}

/** As containerd names it: without tag and digest. */
function repository(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
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
