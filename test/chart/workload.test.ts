/** The Deployment and what stands around it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseConfiguration } from '../../src/config/parse/parse.ts';
import { fields, items, text } from '../../src/util/unstructured.ts';
import { defaultDrainTimes } from '../../src/serve/http/drain.ts';
import { chartFolder, type Manifests, manifests, podSpecIn } from './support/manifests.ts';

let rendered: Manifests;
beforeAll(async () => {
  rendered = await manifests();
});
const container = (from: Manifests) => fields(items(podSpecIn(from)['containers'])[0]);

describe('the Deployment', () => {
  test('two replicas, none of which goes before another one is there', () => {
    const spec = fields(rendered.the('Deployment')['spec']);
    expect(spec['replicas']).toBe(2);
    expect(spec['strategy']).toMatchObject({ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    expect(fields(rendered.the('PodDisruptionBudget')['spec'])['maxUnavailable']).toBe(1);
    const { priorityClassName, topologySpreadConstraints } = podSpecIn(rendered);
    expect(priorityClassName).toBe('system-cluster-critical');
    expect(items(topologySpreadConstraints).map((each) => fields(each)['topologyKey'])).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
  });

  test('its budget, its Service and its own selector mean its pods', () => {
    const spec = fields(rendered.the('Deployment')['spec']);
    const labels = fields(fields(fields(spec['template'])['metadata'])['labels']);
    const selectors = [
      fields(spec['selector'])['matchLabels'],
      fields(fields(rendered.the('PodDisruptionBudget')['spec'])['selector'])['matchLabels'],
      fields(rendered.the('Service')['spec'])['selector'],
    ];
    for (const selector of selectors) expect(labels).toMatchObject(fields(selector));
  });

  test("what people add to labels and node selector stands beside the chart's own, each key once", async () => {
    const own = await manifests({
      podLabels: { team: 'a', 'app.kubernetes.io/name': 'b' },
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'infra' },
    });
    const template = fields(fields(own.the('Deployment')['spec'])['template']);
    expect(fields(template['metadata'])['labels']).toMatchObject({
      team: 'a',
      'app.kubernetes.io/name': 'pratique',
    });
    expect(podSpecIn(own)['nodeSelector']).toEqual({ 'kubernetes.io/os': 'linux', pool: 'infra' });
  });

  test('the kubelet waits longer than the drain takes', () => {
    const { graceMs, lingerMs, deadlineMs } = defaultDrainTimes;
    const seconds = Number(podSpecIn(rendered)['terminationGracePeriodSeconds']);
    expect(seconds * 1000).toBeGreaterThan(graceMs + lingerMs + deadlineMs + 5_000);
  });

  test('may nothing that the restricted Pod Security Standard forbids', () => {
    // No user: OpenShift gives every namespace numbers of its own, and refuses others.
    expect(podSpecIn(rendered)['securityContext']).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(readFileSync(join(chartFolder, '../../Dockerfile'), 'utf8')).toMatch(/^USER 65532:65532$/m);
    expect(container(rendered)['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(
      items(podSpecIn(rendered)['volumes']).flatMap((volume) => Object.keys(fields(volume))),
    ).not.toContain('hostPath');
  });

  test('is asked whether it is ready where it tells it', () => {
    const { ports, readinessProbe, livenessProbe, startupProbe } = container(rendered);
    expect(items(ports)).toContainEqual({ name: 'metrics', containerPort: 8080 });
    const paths = [readinessProbe, livenessProbe, startupProbe].map((probe) => fields(probe)['httpGet']);
    expect(paths).toEqual(['/readyz', '/healthz', '/healthz'].map((path) => ({ path, port: 'metrics' })));
  });

  test.each([
    [{}, 'pratique:0.1.0'],
    [{ repository: 'registry.corp:5000/pratique', tag: 'v2' }, 'registry.corp:5000/pratique:v2'],
    [{ tag: 'v2', digest: `sha256:${'0'.repeat(64)}` }, `pratique@sha256:${'0'.repeat(64)}`],
  ])('image %j', async (image, reference) => {
    expect(container(await manifests({ image }))['image']).toBe(reference);
  });

  test("gets the nodes' own files where the configuration names them", async () => {
    const nodeConfig = [
      { name: 'certs.d', hostPath: '/etc/containerd/certs.d' },
      { name: 'more', configMap: { name: 'mirrors' } },
    ];
    const spec = await manifests({ nodeConfig });
    const mounts = items(container(spec)['volumeMounts']).map((mount) => fields(mount));
    expect(mounts.map((mount) => [mount['mountPath'], mount['readOnly']])).toEqual([
      ['/etc/pratique/config', true],
      ['/etc/pratique/nodes/certs.d', true],
      ['/etc/pratique/nodes/more', true],
    ]);
    expect(items(podSpecIn(spec)['volumes']).slice(1)).toEqual([
      { name: 'nodes-0', hostPath: { path: '/etc/containerd/certs.d', type: 'Directory' } },
      { name: 'nodes-1', configMap: { name: 'mirrors' } },
    ]);
  });
});

describe('the configuration file', () => {
  const fileIn = (from: Manifests) => text(fields(from.the('ConfigMap')['data'])['configuration.yaml']);
  const load = async (values: object) =>
    parseConfiguration(fileIn(await manifests(values)), 'configuration.yaml');

  test('is one that Pratique takes, and only warns', async () => {
    const { policy, server } = await load({});
    expect(policy.mode).toBe('warn');
    expect(server.webhook).toMatchObject({
      service: 'pratique',
      configurations: 'pratique',
      tls: { source: { mode: 'self' } },
    });
  });

  test.each<[string, object, object]>([
    [
      'certManager',
      {},
      { mode: 'files', cert: '/etc/pratique/tls/tls.crt', key: '/etc/pratique/tls/tls.key' },
    ],
    [
      'existingSecret',
      { existingSecret: { name: 'mine', hasCa: true } },
      {
        mode: 'files',
        cert: '/etc/pratique/tls/tls.crt',
        key: '/etc/pratique/tls/tls.key',
        ca: '/etc/pratique/tls/ca.crt',
      },
    ],
  ])('certificates of mode %s', async (mode, more, tls) => {
    expect((await load({ certificates: { mode, ...more } })).server.webhook.tls.source).toEqual(tls);
  });

  test("carries a person's settings beside the chart's", async () => {
    const { webhook } = (await load({ name: 'ship', config: { server: { webhook: { deadline: '1s' } } } }))
      .server;
    expect(webhook).toMatchObject({ deadline: 1_000, service: 'ship', configurations: 'ship' });
  });

  test('is mounted under the name that the command is given', () => {
    expect(container(rendered)['args']).toEqual([
      'serve',
      '--config',
      '/etc/pratique/config/configuration.yaml',
    ]);
    expect(parse(fileIn(rendered))).toMatchObject({ kind: 'Configuration' });
  });
});
