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
import { Stage, start } from './harness.ts';
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

let stage: Stage;
let api: ClusterApi;
let view: ClusterInformers;
let told: string[];
let end: AbortController;
let watching: Promise<void>;
let controller: Controller;
let isAsked: boolean | null;
let broken: boolean;

beforeEach(() => {
  [stage, api, told, end] = [new Stage(), new ClusterApi(), [], new AbortController()];
  [isAsked, broken] = [true, false];
  view = new ClusterInformers({ api });
  watching = view.start(end.signal);
  const tell = (what: string) => () => void told.push(what);
  controller = new Controller({
    api,
    view,
    inspecting: () => stage.inspecting(),
    instance: 'pratique-1',
    namespace: 'pratique-system',
    isAsked: () => isAsked,
    timers: stage.timers,
    random: () => 0.5,
    observer: {
      leading: (leads) => told.push(leads ? 'leads' : 'led'),
      synced: () => {
        told.push('synced');
        if (broken) throw new Error('a mistake of ours');
      },
      created: tell('created'),
      removed: tell('removed'),
      resultChanged: (_object, _before, { result }) => told.push(result),
      deferred: tell('deferred'),
      nameConflict: tell('name taken'),
      failed: (_key, error) => told.push(String(error)),
      podMissed: ({ name }) => told.push(`missed ${name}`),
      optedOut: (pods) => told.push(pods === 0 ? '' : `${pods} opted out`),
      images: (counts) => told.push(counts === null ? 'no images' : ''),
      queued: () => {},
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

describe('a leader', () => {
  test('looks after what is there, and tells when it begins and ends', async () => {
    api.pod('web', 'nginx:1.27', verdict);
    const { stop } = await lead();
    expect(api.objects.writes).toEqual(['POST nginx-1.27', 'PATCH nginx-1.27/status']);
    await stop();
    expect(heard()).toEqual(['leads', 'synced', 'created', 'available', 'no images', 'led']);
    expect(stage.timers.pending).toBe(0);
  });

  test('hears of pods that come and go', async () => {
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

  test('removes what only the pins of a StatefulSet kept, when that goes', async () => {
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

  test('writes nothing any more when it leads no longer', async () => {
    const { stop } = await lead();
    await stop();
    api.pod('web', 'nginx:1.27', verdict);
    await pass(100_000);
    expect(api.objects.writes).toEqual([]);
  });

  test('finishes nothing that it had begun when it loses the Lease', async () => {
    let answer = (): void => {};
    stage.waits = new Promise((resolve) => (answer = resolve));
    api.pod('web', 'nginx:1.27', verdict);
    const { stop } = await lead();
    const stopped = stop();
    answer();
    await stopped;
    expect(api.objects.writes).toEqual(['POST nginx-1.27']);
  });

  test('looks at everything again for another configuration, or when the nodes are others', async () => {
    api.pod('web', 'nginx:1.27', verdict);
    const { stop } = await lead();
    stage.version++;
    controller.reconfigured();
    await rest();
    expect(stage.asked).toHaveLength(2);
    stage.platforms = ['linux/s390x'];
    api.watched.put(pathOf(nodes), 'n1', {
      status: { nodeInfo: { operatingSystem: 'linux', architecture: 's390x' } },
    });
    await pass(9_999);
    expect(stage.asked).toHaveLength(2);
    await pass(1);
    expect(heard()).toContain('platform-missing');
    await stop();
  });

  test('looks at an image that is new before all those that it only looks at again', async () => {
    stage.settings = { ...stage.settings, workers: 1 };
    for (const tag of ['1', '2', '3']) api.pod(`old-${tag}`, `nginx:${tag}`, verdict);
    const { stop } = await lead();
    stage.asked.length = 0;
    let answer = (): void => {};
    stage.waits = new Promise((resolve) => (answer = resolve));
    stage.version++;
    controller.reconfigured();
    api.pod('new', 'redis:7', verdict);
    await pass(1_000);
    answer();
    await rest();
    expect(stage.asked[1]).toBe('docker.io/library/redis:7');
    expect(stage.asked).toHaveLength(4);
    await stop();
  });

  test('counts the pods that were stored without us, and leaves that to the next one', async () => {
    api.pod('missed', 'nginx:1.27');
    const first = await lead();
    expect(heard()).toContain('missed missed');
    expect(api.events).toContain('AdmissionMissed');
    await first.stop();
    expect(JSON.stringify(controller.annotations())).toContain('uid-missed');
  });

  test('misses no pods where the API server is not to ask us', async () => {
    isAsked = false;
    api.pod('unasked', 'nginx:1.27');
    const { stop } = await lead();
    await stop();
    expect([heard().filter((line) => line.startsWith('missed')), api.events]).toEqual([[], []]);
  });

  test('counts the pods that opt out', async () => {
    api.pod('web', 'nginx:1.27', { labels: { 'pratique.dev/skip': 'true' } });
    const { stop } = await lead();
    api.pod('other', 'nginx:1.27', { labels: { 'pratique.dev/skip': 'true' } });
    await rest();
    stage.policy = { skipLabel: false };
    controller.reconfigured();
    await rest();
    await stop();
    expect(heard().filter((line) => line.endsWith('opted out'))).toEqual(['1 opted out', '2 opted out']);
  });

  test('gives up rather than lead on without working when it cannot begin', async () => {
    broken = true;
    const leading = controller.lead(end.signal, lease);
    await expect(leading).rejects.toThrow('a mistake of ours');
    expect(heard()).toEqual(['leads', 'synced', 'no images', 'led']);
  });

  test('is not stopped by what it cannot write', async () => {
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
