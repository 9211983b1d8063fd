/** What the chart takes and what it refuses, before anything reaches a cluster. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { fields } from '../../src/util/unstructured.ts';
import {
  chartFolder,
  helm,
  type Manifests,
  manifests,
  namespace,
  podSpecIn,
  refusal,
  webhooksIn,
} from './support/manifests.ts';

const files = globSync(join(chartFolder, 'ci/*.yaml'));

describe('every file of example values', () => {
  test('there are some for each way to a certificate', () => {
    expect(files.map((file) => basename(file, '-values.yaml')).sort()).toEqual([
      'cert-manager',
      'cert-manager-issuer',
      'default',
      'enforced',
      'existing-secret',
      'existing-secret-with-ca',
    ]);
  });

  test.each(files.map((file) => [basename(file), file]))('%s passes the strict linter', async (_, file) => {
    expect(await helm('lint', '--strict', chartFolder, '--values', file)).toContain('0 chart(s) failed');
  });
});

describe('certificates', () => {
  const example = (name: string): Promise<Manifests> =>
    manifests(parse(readFileSync(join(chartFolder, `ci/${name}-values.yaml`), 'utf8')) as object);
  const bundles = (rendered: Manifests) =>
    webhooksIn(rendered).map(({ clientConfig }) => clientConfig['caBundle']);
  const secrets = (rendered: Manifests) =>
    (podSpecIn(rendered)['volumes'] as readonly unknown[]).flatMap((volume) => {
      const { secret } = fields(volume);
      return secret === undefined ? [] : [fields(secret)['secretName']];
    });

  test("self: nothing is mounted, and the authority's Secret may be kept", async () => {
    const rendered = await example('default');
    expect(secrets(rendered)).toEqual([]);
    expect(rendered.of('Secret')).toEqual([]);
    expect(JSON.stringify(rendered.the('Role'))).toContain('pratique-ca');
  });

  test("cert-manager: a certificate below an own authority, for the Service's name; its injector fills the bundle", async () => {
    const rendered = await example('cert-manager');
    expect(secrets(rendered)).toEqual(['pratique-tls']);
    const spec = fields(rendered.the('Certificate', 'pratique')['spec']);
    expect(spec).toMatchObject({
      secretName: 'pratique-tls',
      issuerRef: { kind: 'Issuer', name: 'pratique' },
    });
    expect(spec['dnsNames']).toContain('pratique.pratique-system.svc');
    expect(fields(rendered.the('Certificate', 'pratique-authority')['spec'])['isCA']).toBe(true);
    expect(rendered.of('Issuer')).toHaveLength(2);
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
      expect(rendered.the(kind).metadata.annotations).toEqual({
        'cert-manager.io/inject-ca-from': 'pratique-system/pratique',
      });
    }
    expect(bundles(rendered)).toEqual([undefined, undefined]);
    expect(JSON.stringify(rendered.the('Role'))).not.toContain('secrets');
  });

  test("cert-manager with somebody's issuer", async () => {
    const rendered = await example('cert-manager-issuer');
    expect(rendered.of('Issuer')).toEqual([]);
    expect(fields(rendered.the('Certificate')['spec'])).toMatchObject({
      issuerRef: { kind: 'ClusterIssuer', name: 'corp' },
      duration: '720h',
    });
  });

  test('an existing Secret, with the bundle that was given', async () => {
    const rendered = await example('existing-secret');
    expect(secrets(rendered)).toEqual(['pratique-serving']);
    for (const bundle of bundles(rendered)) {
      expect(Buffer.from(String(bundle), 'base64').toString()).toMatch(
        /^-----BEGIN CERTIFICATE-----\nMIIB\n/,
      );
    }
  });

  test('an existing Secret that brings its authorities', async () => {
    expect(bundles(await example('existing-secret-with-ca'))).toEqual([undefined, undefined]);
  });
});

describe('refused', () => {
  test.each<[string, object, string]>([
    ['an unknown key', { replica: 2 }, "'replica'"],
    ['an unknown key of the configuration', { config: { policy: { mod: 'warn' } } }, "'mod'"],
    ['a wrong value of the configuration', { config: { policy: { mode: 'strict' } } }, '/config/policy/mode'],
    ['what the chart decides', { config: { server: { webhook: { tls: { mode: 'self' } } } } }, "'tls'"],
    ['to live where the role is not', { config: { controller: { namespace: 'other' } } }, "'namespace'"],
    ['no replica', { replicas: 0 }, '/replicas'],
    ['no number of replicas', { replicas: null }, "missing property 'replicas'"],
    [
      'no failure policy: the API server would take Fail',
      { webhooks: { failurePolicy: null } },
      "missing property 'failurePolicy'",
    ],
    ['another failure policy', { webhooks: { failurePolicy: 'fail' } }, '/webhooks/failurePolicy'],
    [
      'more patience than the API server has',
      { webhooks: { timeoutSeconds: 31 } },
      '/webhooks/timeoutSeconds',
    ],
    ['another source of certificates', { certificates: { mode: 'vault' } }, '/certificates/mode'],
    [
      'an issuer without a name',
      { certificates: { certManager: { issuerRef: { kind: 'ClusterIssuer' } } } },
      '/certificates/certManager/issuerRef',
    ],
    [
      'an existing Secret without a name',
      { certificates: { mode: 'existingSecret' } },
      '/existingSecret/name',
    ],
    [
      'two who fill the bundle',
      { certificates: { mode: 'existingSecret', existingSecret: { name: 'a', caBundle: 'x', hasCa: true } } },
      '/certificates/existingSecret',
    ],
    ['half a digest', { image: { digest: 'sha256:00' } }, '/image/digest'],
    ['node files of nowhere', { nodeConfig: [{ name: 'certs.d' }] }, '/nodeConfig/0'],
    [
      'node files that lead elsewhere',
      { nodeConfig: [{ name: '../x', hostPath: '/x' }] },
      '/nodeConfig/0/name',
    ],
  ])('%s', async (_, values, where) => {
    expect(await refusal(values)).toContain(where);
  });
});

test.each<[string, object]>([
  ['config', { config: null }],
  ['config.policy', { config: { policy: null } }],
  ['config.policy.mode', { config: { policy: { mode: null, pin: 'pods' } } }],
])('an empty %s denies nothing', async (_, values) => {
  const file = (await manifests(values)).the('ConfigMap')['data'];
  expect(parse(String(fields(file)['configuration.yaml']))).toMatchObject({ policy: { mode: 'warn' } });
});

test('an existing Secret whose authorities nobody registers is warned of', async () => {
  const notes = (...more: readonly string[]) => {
    const values = ['certificates.mode=existingSecret', 'certificates.existingSecret.name=mine', ...more];
    const args = ['--dry-run=client', '--namespace', namespace, ...values.flatMap((each) => ['--set', each])];
    return helm('install', 'pratique', chartFolder, ...args);
  };
  expect(await notes()).toContain('WARNING: neither Pratique nor the chart fills the caBundle');
  expect(await notes('certificates.existingSecret.hasCa=true')).not.toContain('WARNING');
});

test('the CRD is the one of the repository', () => {
  const name = 'imageinspections.pratique.dev.yaml';
  const copy = readFileSync(join(chartFolder, 'crds', name), 'utf8');
  expect(copy).toBe(readFileSync(join(chartFolder, '../../crds', name), 'utf8'));
});
