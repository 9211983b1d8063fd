import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fields, text } from '../../../../src/util/unstructured.ts';
import { ClusterInformers } from '../../../../src/watch/cluster/informers.ts';
import { Controller } from '../../../../src/watch/controller/controller.ts';
import type { ApiRequest, KubernetesApi } from '../../../../src/watch/kubernetes/api.ts';
import {
  cronJobs,
  daemonSets,
  deployments,
  imageInspections,
  jobs,
  namespaces,
  nodes,
  pathOf,
  pods,
  replicaSets,
  runtimeClasses,
  statefulSets,
} from '../../../../src/watch/kubernetes/resource.ts';
import { digestFor } from '../../judge/scripted-inspector.ts';
import { settled } from './fake-timers.ts';
import { MemoryObjects } from './memory-objects.ts';
import { ReconcilerHarness, start } from './harness.ts';
import { WatchedApi } from './watched-api.ts';

type Json = Record<string, unknown>;

/** What is written comes back by the watch. */
class ClusterApi implements KubernetesApi {
  readonly watched = new WatchedApi();
  readonly objects = new MemoryObjects();
  readonly events: string[] = [];

  constructor() {
    const kinds = [
      pods,
      nodes,
      namespaces,
      runtimeClasses,
      imageInspections,
      deployments,
      replicaSets,
      statefulSets,
      daemonSets,
      jobs,
      cronJobs,
    ];
    for (const kind of kinds) this.watched.install(pathOf(kind));
  }

  async request(request: ApiRequest): Promise<unknown> {
    if (request.path.endsWith('/events')) {
      this.events.push(text(fields(request.body)['reason']));
      return {};
    }
    const stored = fields(await this.objects.request(request));
    const path = pathOf(imageInspections);
    const { namespace, name } = fields(stored['metadata']);
    if (request.method === 'DELETE') this.watched.remove(path, `${text(namespace)}/${text(name)}`);
    else this.watched.put(path, `${text(namespace)}/${text(name)}`, stored);
    return stored;
  }

  watch(request: ApiRequest) {
    return this.watched.watch(request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  pod(name: string, image: string, metadata: Json = {}): void {
    this.watched.put(pathOf(pods), `shop/${name}`, {
      metadata: {
        namespace: 'shop',
        name,
        uid: `uid-${name}`,
        creationTimestamp: '2026-03-01T11:59:00Z',
        ...metadata,
      },
      spec: { containers: [{ name: 'c', image }] },
    });
  }
}

const verdict = { annotations: { 'pratique.dev/verdict': 'available' } };

let stage: ReconcilerHarness;
let api: ClusterApi;
let view: ClusterInformers;
let told: string[];
let end: AbortController;
let watching: Promise<void>;
let controller: Controller;
let isAsked: boolean | null;
let broken: boolean;

beforeEach(() => {
  [stage, api, told, end] = [new ReconcilerHarness(), new ClusterApi(), [], new AbortController()];
  [isAsked, broken] = [true, false];
  view = new ClusterInformers({ api });
  watching = view.start(end.signal);
  const tell = (what: string) => () => void told.push(what);
  controller = new Controller({
    api,
    informers: view,
    context: () => stage.context(),
    instance: 'pratique-1',
    namespace: 'pratique-system',
    isWebhookRegistered: () => isAsked,
    timers: stage.timers,
    random: () => 0.5,
    observer: {
      leadingChanged: (leads) => told.push(leads ? 'leads' : 'led'),
      synced: () => {
        told.push('synced');
        if (broken) throw new Error('a mistake of ours');
      },
      created: tell('created'),
      removed: tell('removed'),
      resultChanged: (_object, _before, { result }) => told.push(result),
      deferred: tell('deferred'),
      nameConflict: tell('name taken'),
      reconcileFailed: (_key, error) => told.push(String(error)),
      admissionMissed: ({ name }) => told.push(`missed ${name}`),
      podsSkipped: (pods) => told.push(pods === 0 ? '' : `${pods} opted out`),
      podsUnpinned: () => undefined,
      images: (counts) => told.push(counts === null ? 'no images' : ''),
      queueDepthChanged: () => {},
    },
  });
});
afterEach(async () => {
  end.abort();
  await watching;
});

const lease = { createdAt: start - 3_600_000_000, annotations: {} };

/** Leads until the test says otherwise. */
async function lead() {
  const stop = new AbortController();
  const leading = controller.lead(AbortSignal.any([stop.signal, end.signal]), lease);
  await rest();
  return {
    stop: async (): Promise<void> => {
      stop.abort();
      await leading;
    },
  };
}

/** All that follows without the clock has happened. */
async function rest(): Promise<void> {
  for (let i = 0; i < 20; i++) await settled();
}

async function pass(ms: number): Promise<void> {
  await stage.timers.pass(ms);
  await rest();
}

const heard = () => told.filter((line) => line !== '');

describe('the leader', () => {
  test('maintains existing objects and reports begin and end', async () => {
    api.pod('web', 'nginx:1.27', verdict);
    const { stop } = await lead();
    expect(api.objects.writes).toEqual(['POST nginx-1.27', 'PATCH nginx-1.27/status']);
    await stop();
    expect(heard()).toEqual(['leads', 'synced', 'created', 'available', 'no images', 'led']);
    expect(stage.timers.pending).toBe(0);
  });

  test('handles pods that are created and deleted', async () => {
    const { stop } = await lead();
    api.pod('web', 'nginx:1.27', verdict);
    await pass(1_000);
    expect(api.objects.writes).toHaveLength(2);
    api.watched.remove(pathOf(pods), 'shop/web');
    await pass(1_000);
    await pass(60_000);
    expect(api.objects.writes.at(-1)).toBe('DELETE nginx-1.27');
    await stop();
  });

  test('deletes an object kept only by the pins of a deleted StatefulSet', async () => {
    const set = (image: string) =>
      api.watched.put(pathOf(statefulSets), 'shop/db', {
        metadata: { namespace: 'shop', name: 'db', uid: 'uid-db' },
        spec: { template: { spec: { containers: [{ name: 'c', image }] } } },
      });
    const controlledBy = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'uid-db' };
    set('nginx:1.27');
    api.pod('db-0', `nginx:1.27@${digestFor('docker.io/library/nginx:1.27')}`, {
      annotations: { ...verdict.annotations, 'pratique.dev/original-images': '{"c":"nginx:1.27"}' },
      labels: { 'controller-revision-hash': 'db-1' },
      ownerReferences: [{ ...controlledBy, controller: true }],
    });
    const { stop } = await lead();
    // Another revision: the pin of this one may still be asked for.
    set('redis:7');
    api.watched.remove(pathOf(pods), 'shop/db-0');
    await pass(1_000);
    await pass(60_000);
    expect(api.objects.writes).not.toContain('DELETE nginx-1.27');
    api.watched.remove(pathOf(statefulSets), 'shop/db');
    await pass(1_000);
    await pass(60_000);
    expect(api.objects.writes).toContain('DELETE nginx-1.27');
    await stop();
  });

  test('writes nothing after it stops leading', async () => {
    const { stop } = await lead();
    await stop();
    api.pod('web', 'nginx:1.27', verdict);
    await pass(100_000);
    expect(api.objects.writes).toEqual([]);
  });

  test('aborts work in flight when it loses the Lease', async () => {
    let answer = (): void => {};
    stage.responseDelay = new Promise((resolve) => (answer = resolve));
    api.pod('web', 'nginx:1.27', verdict);
    const { stop } = await lead();
    const stopped = stop();
    answer();
    await stopped;
    expect(api.objects.writes).toEqual(['POST nginx-1.27']);
  });

  test('reviews all objects after a change of the configuration or the nodes', async () => {
    api.pod('web', 'nginx:1.27', verdict);
    const { stop } = await lead();
    stage.version++;
    controller.configurationChanged();
    await rest();
    expect(stage.inspected).toHaveLength(2);
    stage.platforms = ['linux/s390x'];
    api.watched.put(pathOf(nodes), 'n1', {
      status: { nodeInfo: { operatingSystem: 'linux', architecture: 's390x' } },
    });
    await pass(9_999);
    expect(stage.inspected).toHaveLength(2);
    await pass(1);
    expect(heard()).toContain('platform-missing');
    await stop();
  });

  test('inspects a new image before periodic reviews', async () => {
    stage.settings = { ...stage.settings, workers: 1 };
    for (const tag of ['1', '2', '3']) api.pod(`old-${tag}`, `nginx:${tag}`, verdict);
    const { stop } = await lead();
    stage.inspected.length = 0;
    let answer = (): void => {};
    stage.responseDelay = new Promise((resolve) => (answer = resolve));
    stage.version++;
    controller.configurationChanged();
    api.pod('new', 'redis:7', verdict);
    await pass(1_000);
    answer();
    await rest();
    expect(stage.inspected[1]).toBe('docker.io/library/redis:7');
    expect(stage.inspected).toHaveLength(4);
    await stop();
  });

  test('counts missed pods and passes the state to the next leader', async () => {
    api.pod('missed', 'nginx:1.27');
    const first = await lead();
    expect(heard()).toContain('missed missed');
    expect(api.events).toContain('AdmissionMissed');
    await first.stop();
    expect(JSON.stringify(controller.annotations())).toContain('uid-missed');
  });

  test('counts no missed pods where the webhook is not registered', async () => {
    isAsked = false;
    api.pod('unasked', 'nginx:1.27');
    const { stop } = await lead();
    await stop();
    expect([heard().filter((line) => line.startsWith('missed')), api.events]).toEqual([[], []]);
  });

  test('counts pods with the skip label', async () => {
    api.pod('web', 'nginx:1.27', { labels: { 'pratique.dev/skip': 'true' } });
    const { stop } = await lead();
    api.pod('other', 'nginx:1.27', { labels: { 'pratique.dev/skip': 'true' } });
    await rest();
    stage.policy = { skipLabel: false };
    controller.configurationChanged();
    await rest();
    await stop();
    expect(heard().filter((line) => line.endsWith('opted out'))).toEqual(['1 opted out', '2 opted out']);
  });

  test('stops leading when it cannot start', async () => {
    broken = true;
    const leading = controller.lead(end.signal, lease);
    await expect(leading).rejects.toThrow('a mistake of ours');
    expect(heard()).toEqual(['leads', 'synced', 'no images', 'led']);
  });

  test('continues when it cannot write', async () => {
    api.pod('web', 'nginx:1.27', verdict);
    api.objects.before = () => {
      throw new Error('no');
    };
    const { stop } = await lead();
    expect(heard()).toContain('Error: no');
    await pass(500);
    expect(heard()).toContain('available');
    await stop();
  });
});
