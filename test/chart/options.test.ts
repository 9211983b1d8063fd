/** Values that fit the chart to a cluster: each is rendered where Kubernetes reads it. */
import { describe, expect, test } from '@jest/globals';
import { fields, items } from '../../src/util/unstructured.ts';
import { type Manifests, manifests, namespace } from './support/manifests.ts';

async function podSpec(values: object): Promise<Readonly<Record<string, unknown>>> {
  const rendered = await manifests(values);
  return fields(fields(fields(rendered.the('Deployment')['spec'])['template'])['spec']);
}

async function container(values: object): Promise<Readonly<Record<string, unknown>>> {
  return fields(items((await podSpec(values))['containers'])[0]);
}

describe('the pod', () => {
  test('with hostNetwork uses the cluster DNS of the host network', async () => {
    expect(await podSpec({ hostNetwork: true })).toMatchObject({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
    });
    expect(await podSpec({ hostNetwork: true, dnsPolicy: 'Default' })).toMatchObject({
      dnsPolicy: 'Default',
    });
    expect(await podSpec({})).not.toHaveProperty('dnsPolicy');
  });

  test('takes hostAliases, dnsConfig and runtimeClassName', async () => {
    const values = {
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['mirror.corp'] }],
      dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
      runtimeClassName: 'gvisor',
    };
    expect(await podSpec(values)).toMatchObject(values);
  });

  test('merges security contexts and probes over its own', async () => {
    const values = {
      podSecurityContext: { fsGroup: 2000 },
      securityContext: { runAsUser: 1000 },
      readinessProbe: { periodSeconds: 7 },
      lifecycle: { preStop: { sleep: { seconds: 3 } } },
    };
    expect(await podSpec(values)).toMatchObject({ securityContext: { fsGroup: 2000, runAsNonRoot: true } });
    expect(await container(values)).toMatchObject({
      securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      readinessProbe: { periodSeconds: 7, timeoutSeconds: 2, httpGet: { path: '/readyz' } },
      lifecycle: values.lifecycle,
    });
  });

  test('appends extraArgs and serves on webhooks.port', async () => {
    const { args, ports } = await container({
      extraArgs: ['--log-level', 'debug'],
      webhooks: { port: 9443 },
    });
    expect(args).toEqual([
      'serve',
      '--config',
      '/etc/pratique/config/configuration.yaml',
      '--log-level',
      'debug',
    ]);
    expect(ports).toContainEqual({ name: 'webhook', containerPort: 9443 });
    const rendered = await manifests({ webhooks: { port: 9443 } });
    expect(fields(rendered.the('ConfigMap')['data'])['configuration.yaml']).toContain('listen: :9443');
  });

  test('has no Warning event while it starts: the first probe waits for a second', async () => {
    expect((await container({}))['startupProbe']).toMatchObject({ initialDelaySeconds: 1 });
  });
});

describe('the objects beside it', () => {
  const withAll = {
    commonLabels: { 'example.com/team': 'platform' },
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    networkPolicy: { enabled: true, webhookFrom: [{ ipBlock: { cidr: '10.0.0.10/32' } }] },
    webhooks: { requireDigest: { enabled: true } },
    crds: { enabled: true },
    extraObjects: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: '{{ .Release.Name }}-extra' } }],
  };
  let all: Manifests;

  test('all carry the common labels, extra objects apart', async () => {
    all = await manifests(withAll);
    // The definition in the folder `crds` is not rendered but copied.
    const without = all.all.filter(
      ({ kind, metadata }) =>
        kind !== 'Secret' &&
        kind !== 'CustomResourceDefinition' &&
        metadata.labels?.['example.com/team'] === undefined,
    );
    expect(without.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  });

  test('are a ServiceMonitor, a NetworkPolicy, the definition of ImageInspection, and extra objects', () => {
    expect(fields(all.the('ServiceMonitor')['spec'])).toMatchObject({ endpoints: [{ port: 'metrics' }] });
    expect(all.the('ServiceMonitor').metadata.labels).toMatchObject({ release: 'prometheus' });
    expect(fields(all.the('NetworkPolicy')['spec'])).toMatchObject({
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.10/32' } }] }, {}],
    });
    const definitions = all.of('CustomResourceDefinition').map(({ metadata }) => metadata.annotations);
    expect(definitions).toContainEqual({ 'helm.sh/resource-policy': 'keep' });
    expect(all.the('Secret').metadata.name).toMatch(/-extra$/);
  });

  test('are none of these by default', async () => {
    const kinds = new Set((await manifests()).all.map(({ kind }) => kind));
    for (const kind of ['ServiceMonitor', 'NetworkPolicy', 'Secret']) expect(kinds).not.toContain(kind);
  });
});

describe('rights', () => {
  test('to Secrets are given by namespace where namespaces are named', async () => {
    const rendered = await manifests({ rbac: { secretNamespaces: ['shop', 'lab'] } });
    expect(rendered.of('Role').map(({ metadata }) => metadata.namespace)).toEqual(
      expect.arrayContaining(['shop', 'lab', namespace]),
    );
    const cluster = rendered.of('ClusterRole').flatMap((role) => items(role['rules']));
    expect(JSON.stringify(cluster)).not.toContain('"secrets"');
  });

  test('and the service account can be those of somebody else', async () => {
    const rendered = await manifests({
      rbac: { create: false },
      serviceAccount: { create: false, name: 'ours' },
    });
    for (const kind of ['ServiceAccount', 'ClusterRole', 'Role', 'ClusterRoleBinding'])
      expect(rendered.of(kind)).toEqual([]);
    expect(await podSpec({ serviceAccount: { create: false, name: 'ours' } })).toMatchObject({
      serviceAccountName: 'ours',
    });
    expect(JSON.stringify(rendered.the('ValidatingWebhookConfiguration'))).toContain(`${namespace}:ours`);
  });
});
