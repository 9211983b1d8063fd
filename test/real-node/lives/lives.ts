/** All lives, in the order in which they are played: the last one ends the kubelet. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enforced } from '../verdict.ts';
import type { Life, Stage } from './life.ts';
import {
  createPod,
  type LivingPod,
  lose,
  podsPath,
  provide,
  readPod,
  specFor,
  untilRunning,
  waitFor,
} from './pods.ts';

export const lives: readonly Life[] = [
  {
    id: 'static-pod',
    title: 'a static pod: no webhook can stop it, and its mirror pod is stored',
    expected: 'Running',
    play: async (stage) => {
      const image = await provide(stage, 'static');
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'static', namespace: enforced },
        spec: specFor(stage, image),
      };
      await placeStaticPod(stage, 'static.json', pod);
      return (await untilRunning(stage, `static-${stage.node.name}`))?.status.phase ?? 'no mirror pod runs';
    },
  },
  {
    id: 'static-pod-missing',
    title: 'a static pod whose image is not there: its mirror pod is stored, and waits',
    expected: 'stored, Pending',
    play: async (stage) => {
      const image = `${await provide(stage, 'static-missing')}-gone`;
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'gone', namespace: enforced },
        spec: specFor(stage, image),
      };
      await placeStaticPod(stage, 'gone.json', pod);
      const stored = await waitFor(() => readPod(stage, `gone-${stage.node.name}`));
      return stored === null ? 'no mirror pod' : `stored, ${stored.status.phase}`;
    },
  },
  {
    id: 'ephemeral',
    title: 'an ephemeral container whose image is there, in a pod that runs',
    expected: 'allowed, running',
    play: async (stage) => {
      const name = `ephemeral-${stage.node.name}`;
      const [image, debug] = [await provide(stage, 'ephemeral'), await provide(stage, 'debug')];
      await createPod(stage, name, image);
      await untilRunning(stage, name);
      if ((await addEphemeral(stage, name, debug)) !== 200) return 'denied';
      const runs = await waitFor(async () => {
        const statuses = (await readPod(stage, name))?.status.ephemeralContainerStatuses ?? [];
        return statuses.some(({ state }) => state?.running !== undefined) || null;
      });
      return runs === null ? 'allowed, does not run' : 'allowed, running';
    },
  },
  {
    id: 'ephemeral-missing',
    title: 'one whose image is not there',
    expected: 'denied',
    play: async (stage) => {
      const name = `ephemeral-${stage.node.name}`;
      const status = await addEphemeral(stage, name, `${await provide(stage, 'debug')}-gone`, 'other');
      return status === 403 ? 'denied' : `status ${status}`;
    },
  },
  {
    id: 'retained',
    title: 'the registry loses tag and digest of a pinned image; the Deployment makes its pod again',
    expected: 'pinned, runs again by the same digest',
    play: async (stage) => {
      const name = `retained-${stage.node.name}`;
      const image = await provide(stage, 'retained');
      await stage.api.send(
        'POST',
        `/apis/apps/v1/namespaces/${enforced}/deployments`,
        deployment(stage, name, image),
      );
      const first = await waitFor(() => runningOf(stage, name, ''));
      const digest = /@(sha256:[0-9a-f]+)$/.exec(first?.spec.containers[0]?.image ?? '')?.[1];
      if (first === null || digest === undefined)
        return `not pinned: ${first?.spec.containers[0]?.image ?? 'no pod'}`;
      await untilReported(stage, digest);
      lose(stage, 'retained', digest);
      await stage.api.send('DELETE', `${podsPath}/${first.metadata.name}`);
      const second = await waitFor(() => runningOf(stage, name, first.metadata.uid));
      if (second === null) return 'pinned, no pod runs again';
      const isSame = second.spec.containers[0]?.image.endsWith(digest) ?? false;
      return isSame ? 'pinned, runs again by the same digest' : 'pinned, runs again otherwise';
    },
  },
  {
    id: 'kubelet-restart',
    title: 'the kubelet is killed and started again',
    expected: 'the same container runs, a new pod runs',
    play: async (stage) => {
      const [name, next] = [`restarted-${stage.node.name}`, `after-restart-${stage.node.name}`];
      await createPod(stage, name, await provide(stage, 'restarted'));
      const before = await untilRunning(stage, name);
      await stage.node.restartKubelet();
      await createPod(stage, next, await provide(stage, 'after-restart'));
      const after = await untilRunning(stage, next);
      const now = await readPod(stage, name);
      const isSame = containerOf(before) !== undefined && containerOf(before) === containerOf(now);
      return `${isSame ? 'the same' : 'another'} container runs, ${after === null ? 'no' : 'a'} new pod runs`;
    },
  },
];

function containerOf(pod: LivingPod | null): string | undefined {
  return pod?.status.containerStatuses?.[0]?.containerID;
}

/** Whole or not at all: the kubelet reads the folder every second. */
async function placeStaticPod({ node, cluster }: Stage, name: string, pod: object): Promise<void> {
  const file = join(cluster.folder, `${node.name}-${name}`);
  await writeFile(file, JSON.stringify(pod));
  await rename(file, join(node.staticPods, name));
}

async function addEphemeral({ api }: Stage, pod: string, image: string, name = 'debug'): Promise<number> {
  const ephemeral = { name, image, imagePullPolicy: 'IfNotPresent' };
  const patch = { spec: { ephemeralContainers: [ephemeral] } };
  const contentType = 'application/strategic-merge-patch+json';
  return (await api.send('PATCH', `${podsPath}/${pod}/ephemeralcontainers`, patch, { contentType })).status;
}

function deployment(stage: Stage, name: string, image: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: specFor(stage, image) },
    },
  };
}

/** A pod of the Deployment that runs and is another than `not`. */
async function runningOf({ api }: Stage, app: string, not: string): Promise<LivingPod | null> {
  const { body } = await api.send<{ items: readonly LivingPod[] }>(
    'GET',
    `${podsPath}?labelSelector=app%3D${app}`,
  );
  return (
    body.items.find(({ metadata, status }) => metadata.uid !== not && status.phase === 'Running') ?? null
  );
}

/** Until the kubelet has told the API server that the node holds it. */
async function untilReported({ api, node }: Stage, digest: string): Promise<void> {
  interface ReportedNode {
    readonly status: { readonly images?: readonly { readonly names: readonly string[] }[] };
  }
  await waitFor(async () => {
    const { body } = await api.send<ReportedNode>('GET', `/api/v1/nodes/${node.name}`);
    return (
      (body.status.images ?? []).some(({ names }) => names.some((each) => each.endsWith(digest))) || null
    );
  });
}
