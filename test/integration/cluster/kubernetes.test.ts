import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../../kit/cluster/control-plane/control-plane.ts';
import { entry, type Fields, fields, items, text } from '../../../src/util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from '../../../src/watch/kubernetes/api.ts';
import { applyStatus, createObject, deleteObject } from '../../../src/watch/kubernetes/writes.ts';
import { type Connection, connect } from '../../../src/watch/kubernetes/client/client.ts';
import type { EventData } from '../../../src/watch/kubernetes/event-object.ts';
import { createEventRecorder } from '../../../src/watch/kubernetes/event-recorder.ts';
import { runLeaderElection } from '../../../src/watch/kubernetes/leader-election/leader-election.ts';
import type { LeaderElectionTimes } from '../../../src/watch/kubernetes/leader-election/options.ts';
import { Reflector, type ReflectorOptions } from '../../../src/watch/kubernetes/informer/reflector.ts';
import {
  deployments,
  coreEvents,
  leases,
  namespaces,
  nodes,
  pathOf,
  type Resource,
} from '../../../src/watch/kubernetes/resource.ts';
import { type Journal, journal } from '../../unit/watch/kubernetes/journal.ts';
import { clusterTests, since } from './support/suite.ts';

const { describe, test } = await clusterTests();
// Before, servers stream no lists unless they are told to.
const streaming = await since(34);

const configMaps: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
const many = 1000;

let plane: ControlPlane;
let api: Connection;
const requests: string[] = [];

function open(kubeconfig: string): Connection {
  const observer = {
    requested: (verb: string, resource: string) => void requests.push(`${verb} ${resource}`),
  };
  return connect({ kubeconfig, environment: {}, userAgent: 'pratique/test', observer });
}

async function namespace(name: string, of: KubernetesApi = api): Promise<string> {
  await createObject(of, namespaces, { metadata: { name } });
  return name;
}

const configMap = (namespace: string, name: string, value: string): Fields => ({
  metadata: { namespace, name },
  data: { value },
});

const change = (namespace: string, name: string, value: string): Promise<unknown> =>
  api.request({
    method: 'PATCH',
    path: pathOf(configMaps, { namespace, name }),
    contentType: 'application/merge-patch+json',
    body: { data: { value } },
  });

/** Sixteen at a time. */
async function each(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

interface Watching {
  readonly heard: Journal;
  readonly reflector: Reflector<string>;
  readonly stop: () => Promise<void>;
}

/** The `value` of each ConfigMap of a namespace. */
function watching(
  of: KubernetesApi,
  namespace: string,
  options: Partial<ReflectorOptions<string>> = {},
): Watching {
  const heard = journal();
  const stop = new AbortController();
  const reflector = new Reflector<string>({
    api: of,
    resource: configMaps,
    namespace,
    project: (object) => text(fields(object['data'])['value']) || null,
    observer: {
      synced: (_, count) => heard.note(`listed ${count}`),
      watchFailed: (_, { code }) => heard.note(`failed ${code}`),
      watchRestarted: (_, why) => heard.note(`restarted ${why}`),
      handlerThrew: (_, error) => heard.note(`threw ${String(error)}`),
    },
    ...options,
  });
  reflector.subscribe(({ key, before, after }) => heard.note(`${key} ${before ?? '-'} ${after ?? '-'}`));
  const running = reflector.run(stop.signal);
  return {
    heard,
    reflector,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

beforeAll(async () => {
  plane = await startControlPlane({ controllers: false });
  api = open(plane.kubeconfig);
}, 60_000);

afterAll(async () => {
  await api.close();
  await plane.stop();
});

describe('a reflector over a thousand objects', () => {
  streaming(
    'streams the list, and hears of every change through watches that the server ends',
    async () => {
      const shop = await namespace('shop');
      await each(many, (n) => createObject(api, configMaps, configMap(shop, `c${n}`, `v${n}`)));
      requests.length = 0;
      const { heard, reflector, stop } = watching(api, shop, { times: { watchMs: 1_000 } });
      await reflector.synced(AbortSignal.timeout(10_000));
      expect([reflector.size, reflector.get('shop/c7')]).toEqual([many, 'v7']);
      expect(requests).toEqual(['watch configmaps']);
      for (let round = 1; round <= 3; round++) {
        await change(shop, 'c7', `round${round}`);
        await heard.has('restarted ended', round);
      }
      await deleteObject(api, configMaps, { namespace: shop, name: 'c8' }, {});
      await heard.has('shop/c8 v8 -');
      const changes = heard.lines.filter((line) => line.startsWith('shop/c7 '));
      expect(changes).toEqual([
        'shop/c7 - v7',
        'shop/c7 v7 round1',
        'shop/c7 round1 round2',
        'shop/c7 round2 round3',
      ]);
      expect(heard.lines.filter((line) => /^(failed|threw|restarted expired)/.test(line))).toEqual([]);
      expect(requests.filter((line) => line.startsWith('list'))).toEqual([]);
      await stop();
    },
    60_000,
  );

  test('lists in pages where the server does not stream', async () => {
    const old = await startControlPlane({
      controllers: false,
      apiServerFlags: ['--feature-gates=WatchList=false'],
    });
    const its = open(old.kubeconfig);
    try {
      const shop = await namespace('shop', its);
      await each(many, (n) => createObject(its, configMaps, configMap(shop, `c${n}`, `v${n}`)));
      requests.length = 0;
      const { heard, reflector, stop } = watching(its, shop, { pageSize: 300 });
      await reflector.synced(AbortSignal.timeout(10_000));
      expect(reflector.size).toBe(many);
      const lists = ['watch configmaps', ...Array.from({ length: 4 }, () => 'list configmaps')];
      expect(requests.slice(0, 5)).toEqual(lists);
      await deleteObject(its, configMaps, { namespace: shop, name: 'c8' }, {});
      await heard.has('shop/c8 v8 -');
      await stop();
    } finally {
      await its.close();
      await old.stop();
    }
  }, 60_000);

  test('takes the largest object that anybody can store: Go writes "<" as six characters', async () => {
    const large = await namespace('large');
    const named: Partial<ReflectorOptions<string>> = {
      resource: deployments,
      project: (object) => text(fields(object['metadata'])['name']),
    };
    const { heard, reflector, stop } = watching(api, large, named);
    await reflector.synced(AbortSignal.timeout(10_000));
    const env = [{ name: 'LARGE', value: '<'.repeat(1.45 * 2 ** 20) }];
    const { spec } = deployment;
    const containers = spec.template.spec.containers.map((each) => ({ ...each, env }));
    const body = { ...deployment, spec: { ...spec, template: { ...spec.template, spec: { containers } } } };
    const path = pathOf(deployments, { namespace: large });
    const metadata = { ...deployment.metadata, namespace: large };
    await api.request({ method: 'POST', path, body: { ...body, metadata }, maxBytes: 2 ** 25 });
    await heard.has(`large/${metadata.name} - ${metadata.name}`);
    await stop();
    const later = watching(api, large, named);
    await later.heard.has('listed 1');
    await later.stop();
    expect([...heard.lines, ...later.heard.lines].filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  test('has a kind that is not installed as empty, and takes its objects once it is', async () => {
    const gadgets: Resource = {
      group: 'test.dev',
      version: 'v1',
      plural: 'gadgets',
      kind: 'Gadget',
      namespaced: true,
    };
    const crds: Resource = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      plural: 'customresourcedefinitions',
      kind: 'CustomResourceDefinition',
      namespaced: false,
    };
    const { heard, reflector, stop } = watching(api, 'default', {
      resource: gadgets,
      optional: true,
      times: { absentMs: 100 },
    });
    await reflector.synced(AbortSignal.timeout(5_000));
    expect(reflector.size).toBe(0);
    await createObject(api, crds, gadgetDefinition);
    await heard.has('listed 0');
    await createObject(api, gadgets, configMap('default', 'first', 'one'));
    await heard.has('default/first - one');
    await deleteObject(api, crds, { name: 'gadgets.test.dev' }, {});
    await heard.has('default/first one -');
    await stop();
  });

  test('lists again when its version is too old for the server, and reports only differences', async () => {
    const gone = await namespace('gone');
    for (const name of ['same', 'moved', 'removed'])
      await createObject(api, configMaps, configMap(gone, name, 'old'));
    const gate = Promise.withResolvers<void>();
    let isOpen = true;
    const gated: KubernetesApi = {
      request: (request) => api.request(request),
      async *watch(request) {
        if (!isOpen) await gate.promise;
        yield* api.watch(request);
      },
      close: () => Promise.resolve(),
    };
    const { heard, reflector, stop } = watching(gated, gone, { times: { watchMs: 1_000 } });
    await reflector.synced(AbortSignal.timeout(5_000));
    isOpen = false;
    await heard.has('restarted ended');
    const before = heard.lines.length;
    await change(gone, 'moved', 'new');
    await deleteObject(api, configMaps, { namespace: gone, name: 'removed' }, {});
    await createObject(api, configMaps, configMap(gone, 'added', 'new'));
    // The server's watch cache starts empty: earlier versions are `Expired`.
    await plane.restart('apiserver');
    isOpen = true;
    gate.resolve();
    await heard.has('listed 3', 2);
    const second = heard.lines.slice(before);
    expect(second).toContain('restarted expired');
    expect(second.filter((line) => line.startsWith('gone/')).sort()).toEqual([
      'gone/added - new',
      'gone/moved old new',
      'gone/removed old -',
    ]);
    await stop();
  }, 60_000);
});

describe('a Lease', () => {
  const times: LeaderElectionTimes = {
    leaseDurationMs: 3_000,
    renewDeadlineMs: 2_000,
    renewPeriodMs: 200,
    retryPeriodMs: 200,
  };

  /** Competes for the Lease; `die` makes the process vanish for the API server without ending it. */
  function candidate(identity: string, name: string, heard: Journal, notes: Record<string, string> = {}) {
    const stop = new AbortController();
    let dead = false;
    const mortal: KubernetesApi = {
      request: (request) => (dead ? silence(request.signal) : api.request(request)),
      watch: (request) => api.watch(request),
      close: () => Promise.resolve(),
    };
    const done = runLeaderElection(
      { api: mortal, namespace: 'default', name, identity, times, annotations: () => notes },
      stop.signal,
      async (signal, lease) => {
        heard.note(`${identity} leads ${JSON.stringify(lease.annotations)} ${lease.createdAt > 0}`);
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        heard.note(`${identity} stops`);
      },
    );
    return {
      die() {
        dead = true;
      },
      async stop() {
        stop.abort();
        await done;
      },
    };
  }

  const silence = (signal: AbortSignal | undefined): Promise<never> =>
    new Promise((_, reject) => {
      const end = (): void => reject(new KubernetesError('Aborted', 'cut off'));
      if (signal?.aborted) end();
      else signal?.addEventListener('abort', end, { once: true });
    });
  const read = (name: string) => api.request({ path: pathOf(leases, { namespace: 'default', name }) });

  test('given back is taken at the next look, with what the one before wrote down', async () => {
    const heard = journal();
    const a = candidate('a', 'polite', heard, { 'pratique.dev/installed': 'today' });
    await heard.has('a leads {} true');
    const first = fields(fields(await read('polite'))['metadata'])['resourceVersion'];
    const b = candidate('b', 'polite', heard);
    // A renewal has been seen, and with it the annotation.
    for (let lease = first; lease === first; )
      lease = fields(fields(await read('polite'))['metadata'])['resourceVersion'];
    const asked = performance.now();
    await a.stop();
    await heard.has('b leads {"pratique.dev/installed":"today"} true');
    expect(performance.now() - asked).toBeLessThan(times.leaseDurationMs);
    expect(fields(await read('polite'))['spec']).toMatchObject({
      holderIdentity: 'b',
      leaseDurationSeconds: 3,
      leaseTransitions: 1,
      renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
    await b.stop();
    expect(fields(await read('polite'))['spec']).toMatchObject({ holderIdentity: '' });
  });

  test('of a replica that is cut off passes on, after that one has stopped', async () => {
    const heard = journal();
    const a = candidate('a', 'hard', heard);
    await heard.has('a leads {} true');
    const b = candidate('b', 'hard', heard);
    a.die();
    await heard.has('b leads {} true');
    expect(heard.lines).toEqual(['a leads {} true', 'a stops', 'b leads {} true']);
    await b.stop();
    await a.stop();
  });

  test('is never held by two of ten that stop and come again', async () => {
    const heard = journal();
    for (let round = 0; round < 3; round++) {
      const all = Array.from({ length: 10 }, (_, n) => candidate(`r${round}n${n}`, 'busy', heard));
      const leads = heard.lines.filter((line) => line.includes('leads')).length;
      while (heard.lines.filter((line) => line.includes('leads')).length === leads)
        await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(all.map((each) => each.stop()));
    }
    const order = heard.lines.map((line) => line.split(' '));
    for (let n = 0; n < order.length; n += 2) {
      expect(order[n]?.[1]).toBe('leads');
      expect(order[n + 1]).toEqual([order[n]?.[0], 'stops']);
    }
    expect(order.length).toBeGreaterThanOrEqual(6);
  });
});

describe('writing', () => {
  test('of a status writes only changes, removes fields that are no longer named, and touches nothing else', async () => {
    await createObject(api, nodes, { metadata: { name: 'n1' } });
    const metadata = { name: 'n1', labels: { ignored: 'yes' } };
    const [conditions, images] = [[{ type: 'Tested', status: 'True' }], [{ names: ['nginx:1'] }]];
    const version = (of: Fields) => fields(of['metadata'])['resourceVersion'];
    const first = await applyStatus(api, nodes, { metadata, status: { conditions, images } });
    expect(fields(first['status'])).toMatchObject({ conditions, images });
    const again = await applyStatus(api, nodes, { metadata, status: { conditions, images } });
    expect(version(again)).toBe(version(first));
    const less = await applyStatus(api, nodes, { metadata, status: { conditions } });
    expect(fields(less['status'])['conditions']).toMatchObject(conditions);
    expect(fields(less['status'])['images']).toBeUndefined();
    expect(entry(fields(less['metadata'])['labels'], 'ignored')).toBeUndefined();
  });

  test('removes only what it meant: of another UID or version it is a conflict', async () => {
    const object = await createObject(api, configMaps, configMap('default', 'mine', 'x'));
    const name = { namespace: 'default', name: 'mine' };
    await expect(createObject(api, configMaps, configMap('default', 'mine', 'y'))).rejects.toMatchObject({
      code: 'AlreadyExists',
    });
    await expect(deleteObject(api, configMaps, name, { uid: 'another' })).rejects.toMatchObject({
      code: 'Conflict',
    });
    await expect(deleteObject(api, configMaps, name, { resourceVersion: '1' })).rejects.toMatchObject({
      code: 'Conflict',
    });
    await deleteObject(api, configMaps, name, { uid: text(fields(object['metadata'])['uid']) });
    await expect(deleteObject(api, configMaps, name, {})).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('an Event', () => {
  test('is counted, by the next leader too, and stands in kubectl describe', async () => {
    const workload = await createObject(api, deployments, deployment);
    const seen: EventData = {
      regarding: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'default',
        name: 'web',
        uid: text(fields(workload['metadata'])['uid']),
      },
      type: 'Warning',
      reason: 'ImageDrifted',
      message: 'docker.io/library/nginx:1 points to another digest now',
    };
    const failures: unknown[] = [];
    const observer = {
      written() {},
      dropped() {},
      failed: (_: EventData, error: unknown) => failures.push(error),
    };
    const signal = new AbortController().signal;
    const leader = createEventRecorder({ api, instance: 'a', signal, quietMs: 0, observer });
    for (let n = 0; n < 3; n++) {
      leader.record(seen);
      await leader.idle();
    }
    const next = createEventRecorder({ api, instance: 'b', signal, observer });
    for (let n = 0; n < 5; n++) next.record(seen);
    await next.idle();
    next.record({ ...seen, type: 'Normal', reason: 'ImageInSync', message: 'all is well' });
    await next.idle();
    expect(failures).toEqual([]);
    const found = items(
      fields(await api.request({ path: pathOf(coreEvents, { namespace: 'default' }) }))['items'],
    );
    const told = found.map((each) => `${text(fields(each)['reason'])} ${String(fields(each)['count'])}`);
    expect(told.sort()).toEqual(['ImageDrifted 4', 'ImageInSync 1']);
    const described = await promisify(execFile)('kubectl', [
      '--kubeconfig',
      plane.kubeconfig,
      'describe',
      'deployment/web',
    ]);
    expect(described.stdout).toMatch(
      /Warning\s+ImageDrifted\s+\S+ \(x4 over \S+\)\s+pratique\s+docker.io\/library\/nginx:1 points/,
    );
  });
});

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};
const deployment = {
  metadata: { namespace: 'default', name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template },
};
const gadgetDefinition = {
  metadata: { name: 'gadgets.test.dev' },
  spec: {
    group: 'test.dev',
    scope: 'Namespaced',
    names: { plural: 'gadgets', kind: 'Gadget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { data: { type: 'object', additionalProperties: { type: 'string' } } },
          },
        },
      },
    ],
  },
};
