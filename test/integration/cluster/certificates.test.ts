/**
 * Certificates as an API server sees them: two replicas share an authority, the leader registers it, and it is rotated
 * under load. With the rights of the chart's ServiceAccount, and with a handshake for every call of a webhook.
 */
import { randomUUID, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { apply } from '../../kit/cluster/apply.ts';
import { adapted, chartOf } from '../../kit/cluster/chart.ts';
import { type ControlPlane, startControlPlane } from '../../kit/cluster/control-plane/control-plane.ts';
import { render } from '../../kit/cluster/helm.ts';
import { kubeconfig } from '../../kit/cluster/control-plane/kubeconfig.ts';
import { kubectl, must } from '../../kit/cluster/kubectl.ts';
import type { KubernetesObject } from '../../kit/cluster/nodes/objects.ts';
import { parseRecord } from '../../../src/serve/certificates/authority/authority-record.ts';
import { whyUntrusted } from '../../../src/serve/certificates/chain.ts';
import { serviceDnsNames } from '../../../src/serve/certificates/service-dns-names.ts';
import { rotateAuthority } from '../../../src/serve/certificates/authority/rotation.ts';
import { SharedAuthoritySource } from '../../../src/serve/certificates/shared-authority-source.ts';
import type { KubernetesApi } from '../../../src/watch/kubernetes/api.ts';
import { connect } from '../../../src/watch/kubernetes/client/client.ts';
import { authoritySecret } from '../../../src/watch/registration/authority-secret.ts';
import { isBundleRegistered, keepCaBundle } from '../../../src/watch/registration/ca-bundle.ts';
import { readConfigurations } from '../../../src/watch/registration/webhook-configurations.ts';
import { ConfigurationInformers } from '../../../src/watch/registration/configuration-informers.ts';
import { RegistrationReadiness } from '../../../src/watch/registration/readiness.ts';
import { clusterTests } from './support/suite.ts';

const { describe, test } = await clusterTests();

jest.setTimeout(120_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const namespace = 'pratique-system';
const own = { name: 'pratique', host: 'pratique.pratique-system.svc' };
const secret = `/api/v1/namespaces/${namespace}/secrets/pratique-ca`;
const day = 86_400_000;
const end = new AbortController();
const { signal } = end;

let cluster: ControlPlane;
let admin: KubernetesApi;
let pratique: KubernetesApi;
let registrations: readonly KubernetesObject[];
let replicas: readonly Replica[];
/** Handshakes so far, by the name that was asked for. */
const handshakes = new Map<string, number>();

interface Replica {
  readonly source: SharedAuthoritySource;
  readonly configurations: ConfigurationInformers;
  readonly registration: RegistrationReadiness;
  readonly refused: string[];
}

beforeAll(async () => {
  cluster = cleanup.use(await startControlPlane({ controllers: false }));
  admin = connected(cluster.kubeconfig);
  const port = await serveWebhooks();
  // No pod without us: a handshake that fails is a pod that fails.
  const webhooks = { failurePolicy: 'Fail', hooks: false, timeoutSeconds: 10 };
  const chart = chartOf(await render({ namespace, values: { webhooks } }));
  const objects = adapted(chart, { namespace, port });
  registrations = objects.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
  await must(cluster.kubeconfig, ['create', 'namespace', namespace]);
  await apply(
    cluster.kubeconfig,
    objects.filter((object) => !registrations.includes(object)),
  );
  const token = await must(cluster.kubeconfig, ['create', 'token', chart.serviceAccount, '-n', namespace]);
  const path = `${cluster.folder}/kubeconfig-pratique`;
  await writeFile(path, kubeconfig(cluster.server, cluster.ca, [{ name: 'pratique', token: token.trim() }]));
  pratique = connected(path);
  replicas = [replica(), replica()];
  cleanup.defer(() => end.abort());
});

function connected(path: string): KubernetesApi {
  const api = connect({ kubeconfig: path, environment: {}, userAgent: 'pratique-test' });
  cleanup.defer(() => api.close());
  return api;
}

function replica(): Replica {
  const refused: string[] = [];
  const source = new SharedAuthoritySource({
    names: serviceDnsNames('pratique', namespace),
    store: authoritySecret(pratique, namespace),
    observer: { certificateLoaded() {}, certificateRejected: (error) => refused.push(error.message) },
    refreshEveryMs: 200,
    // So short that its rotation is due at once.
    authorityLifeMs: 600_000,
  });
  const configurations = new ConfigurationInformers({ api: pratique, own });
  const registration = new RegistrationReadiness({
    configurations,
    name: own.name,
    fillsBundles: true,
    whyUntrusted: (bundle, host) => whyUntrusted(source.current().cert, bundle, host, Date.now()),
  });
  return { source, configurations, registration, refused };
}

/** What both replicas would serve, in turn, on one port; the API server comes to it through a Service. */
async function serveWebhooks(): Promise<number> {
  let turn = 0;
  const server = createServer({
    SNICallback(name, done) {
      handshakes.set(name, (handshakes.get(name) ?? 0) + 1);
      turn += 1;
      const pair = replicas[turn % replicas.length]?.source.current();
      done(null, pair && createSecureContext({ cert: pair.cert, key: pair.key }));
    },
  });
  server.on('request', (request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { uid } = (JSON.parse((await request.toArray()).join('')) as { request: { uid: string } }).request;
  const body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true },
  };
  // Each call opens a connection: one that stays open would never see another certificate.
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

async function admitted(): Promise<void> {
  const metadata = { name: `pod-${randomUUID()}` };
  const spec = { containers: [{ name: 'web', image: 'web:1' }] };
  await admin.request({
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    query: { dryRun: 'All' },
    body: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    signal,
  });
}

async function until(what: string, happened: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  for (const latest = Date.now() + ms; !(await happened()); await sleep(20)) {
    if (Date.now() > latest) throw new Error(`not in time: ${what}`);
  }
}

const bundles = async () => (await readConfigurations(admin, own, signal)).flatMap((each) => each.webhooks);
const works = () =>
  admitted().then(
    () => true,
    () => false,
  );

describe('two replicas at the same time', () => {
  test('make one authority, whose certificates begin an hour back', async () => {
    await Promise.all(replicas.map(({ source }) => source.start(signal)));
    const [one, other] = replicas.map(({ source }) => source.current());
    expect(one?.ca).toBe(other?.ca);
    expect(one?.key).not.toBe(other?.key);
    const stored = await authoritySecret(pratique, namespace).read(signal);
    const { active } = parseRecord(stored?.data ?? {});
    expect(active.cert.trim()).toBe(one?.ca?.trim());
    for (const pem of [active.cert, one?.cert ?? '', other?.cert ?? '']) {
      const age = Date.now() - Date.parse(new X509Certificate(pem).validFrom);
      expect(age).toBeGreaterThanOrEqual(3_600_000);
      expect(age).toBeLessThan(3_700_000);
    }
    expect(await admin.request({ path: secret, signal })).toMatchObject({ type: 'Opaque' });
  });

  test('are ready while nobody asks them, and not while the API server would not trust them', async () => {
    for (const { configurations } of replicas) void configurations.run(signal);
    await until('read', () =>
      replicas.every(({ registration }) => registration.mutates('shop', Date.now() + 5_000) === false),
    );
    expect(replicas.map(({ registration }) => registration.problem())).toEqual([null, null]);
    await apply(cluster.kubeconfig, registrations);
    await until('seen', () =>
      replicas.every(({ registration }) => registration.mutates('shop', Date.now() + 5_000) === true),
    );
    for (const { registration } of replicas) {
      expect(registration.problem()).toBe(
        'MutatingWebhookConfiguration pratique: the caBundle of mutate.pratique.dev is still empty',
      );
    }
    await until('refused', async () => !(await works()));
  });

  test('the leader fills the bundles, and the API server calls the name in the certificate', async () => {
    const configurations = replicas[0]?.configurations;
    if (!configurations) throw new Error('there is no replica');
    void keepCaBundle(
      {
        api: pratique,
        configurations,
        bundle: () => replicas[0]?.source.current().ca ?? null,
        keepRegistered: false,
        observer: { caBundleUpdated() {}, caBundleUpdateFailed() {} },
      },
      signal,
    );
    await until('ready', () => replicas.every(({ registration }) => registration.problem() === null));
    await until('asked', works);
    expect([...handshakes.keys()]).toEqual([`pratique.${namespace}.svc`]);
  });

  test('a chart that is applied again empties nothing; a bundle that somebody empties is filled in seconds', async () => {
    await apply(cluster.kubeconfig, registrations);
    expect((await bundles()).map(({ bundle }) => bundle)).not.toContain('');
    const emptied = registrations.map((object) => ({
      ...object,
      webhooks: (object['webhooks'] as readonly { clientConfig: object }[]).map((webhook) => ({
        ...webhook,
        clientConfig: { ...webhook.clientConfig, caBundle: '' },
      })),
    }));
    await apply(cluster.kubeconfig, emptied);
    await until('filled', async () => (await bundles()).every(({ bundle }) => bundle !== ''), 5_000);
    await until('asked', works);
  });
});

test('the authority is rotated under load, and no admission fails', async () => {
  const before = replicas.map(({ source }) => source.current());
  const handshakesBefore = [...handshakes.values()].reduce((a, b) => a + b, 0);
  const [steps, failures]: [string[], unknown[]] = [[], []];
  const over = new AbortController();
  let done = 0;
  const load = Array.from({ length: 4 }, async () => {
    while (!over.signal.aborted) {
      await admitted().catch((error: unknown) => failures.push(error));
      done += 1;
    }
  });
  const rotation = rotateAuthority(
    {
      store: authoritySecret(pratique, namespace),
      isTrusted: (bundle) => isBundleRegistered(pratique, own, bundle, signal),
      observer: {
        authorityRotated: (step) => steps.push(step),
        rotationFailed: (error) => failures.push(error),
      },
      checkEveryMs: 200,
      settleMs: 1_000,
      authorityLifeMs: 365 * day,
    },
    over.signal,
  );
  const moved = () => replicas.every(({ source }, index) => source.current().cert !== before[index]?.cert);
  await until('all leaves are signed by the next authority', moved);
  const then = done;
  await until('admissions with them', () => done > then + 50);
  over.abort();
  await Promise.all([...load, rotation]);
  expect(failures).toEqual([]);
  expect(steps).toEqual(['prepare', 'promote']);
  // Two webhooks, each with a connection of its own.
  const made = [...handshakes.values()].reduce((a, b) => a + b, 0) - handshakesBefore;
  expect(made).toBeGreaterThanOrEqual(2 * done);
  const registered = await bundles();
  for (const { bundle } of registered) {
    expect(bundle.match(/BEGIN/g)).toHaveLength(2);
    for (const { cert } of before) {
      expect(whyUntrusted(cert, bundle, `pratique.${namespace}.svc`, Date.now())).toBeNull();
    }
  }
});

describe('the Secret', () => {
  test('that somebody spoils is told, and the replicas go on', async () => {
    const before = replicas.map(({ source }) => source.current());
    const spoil = [{ op: 'replace', path: '/data/tls.key', value: '' }];
    const contentType = 'application/json-patch+json';
    await admin.request({ method: 'PATCH', path: secret, contentType, body: spoil, signal });
    await until('told', () => replicas.every(({ refused }) => refused.length > 0));
    expect(replicas.map(({ source }) => source.current())).toEqual(before);
    await admitted();
  });

  test('that somebody deletes comes back as it was', async () => {
    const before = replicas[0]?.source.current();
    await admin.request({ method: 'DELETE', path: secret, signal });
    const store = authoritySecret(pratique, namespace);
    await until('back', async () => (await store.read(signal)) !== null);
    await sleep(500);
    expect((await store.read(signal))?.data['ca.crt']).toBe(before?.ca);
    expect(replicas.map(({ source }) => source.current().ca)).toEqual([before?.ca, before?.ca]);
    await admitted();
  });
});

test('nobody but Pratique itself may be asked for with these rights', async () => {
  const may = async (verb: string, resource: string, ...more: readonly string[]) => {
    const args = [
      'auth',
      'can-i',
      verb,
      resource,
      '--as',
      `system:serviceaccount:${namespace}:pratique`,
      ...more,
    ];
    return (await kubectl(cluster.kubeconfig, args)).stdout.trim();
  };
  expect(await may('get', 'secrets/anything', '-n', 'default')).toBe('yes');
  for (const verb of ['list', 'watch', 'create', 'update', 'delete']) {
    expect([verb, await may(verb, 'secrets', '-n', 'default')]).toEqual([verb, 'no']);
  }
  expect(await may('update', 'secrets/pratique-ca', '-n', namespace)).toBe('yes');
  expect(await may('update', 'secrets/other', '-n', namespace)).toBe('no');
  expect(await may('patch', 'mutatingwebhookconfigurations/pratique')).toBe('yes');
  expect(await may('patch', 'mutatingwebhookconfigurations/other')).toBe('no');
  expect(await may('list', 'mutatingwebhookconfigurations')).toBe('no');
  expect(await may('create', 'pods', '-n', 'default')).toBe('no');
});
