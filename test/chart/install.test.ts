/** Helm itself against a real API server: what stays, what goes, and what becomes of the bundle on the way. There is no kubelet: no pod runs. */
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../kit/cluster/control-plane/control-plane.ts';
import { must } from '../kit/cluster/kubectl.ts';
import { clusterTests } from '../integration/cluster/support/suite.ts';
import { chartFolder, helm, namespace } from './support/manifests.ts';

const { describe, test } = await clusterTests();

jest.setTimeout(120_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = cleanup.use(await startControlPlane({ controllers: false }));
});

const kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations';
const filled = Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n').toString(
  'base64',
);
const fail = ['--set', 'webhooks.failurePolicy=Fail'];
const ignore = ['--set', 'webhooks.failurePolicy=Ignore'];

const release = (...args: readonly string[]) =>
  helm(...args, '--kubeconfig', cluster.kubeconfig, '--namespace', namespace);

/** Failure policy and bundle of each. */
async function registered(): Promise<readonly string[]> {
  const template = '{range .items[*].webhooks[*]}{.failurePolicy} {.clientConfig.caBundle}{"\\n"}{end}';
  const output = await must(cluster.kubeconfig, ['get', kinds, '-o', `jsonpath=${template}`]);
  return output.split('\n').filter((line) => line !== '');
}

/** Does what the leader does. */
async function fill(): Promise<void> {
  const patch = JSON.stringify([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: filled }]);
  for (const kind of kinds.split(',')) {
    const args = ['patch', kind, 'pratique', '--type=json', '--field-manager=pratique', '--patch', patch];
    await must(cluster.kubeconfig, args);
  }
}

describe('the release, from its beginning to its end', () => {
  test('is installed, with bundles to be filled', async () => {
    const said = await release('install', 'pratique', chartFolder, '--create-namespace');
    expect(said).toContain(
      'kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration pratique',
    );
    expect(await registered()).toEqual(['Ignore ', 'Ignore ']);
    await fill();
  });

  test('an upgrade leaves the bundles alone', async () => {
    await release('upgrade', 'pratique', chartFolder, '--set', 'replicas=3');
    expect(await registered()).toEqual([`Ignore ${filled}`, `Ignore ${filled}`]);
  });

  test('so do upgrades to Fail and within it, whose hooks recreate the configurations', async () => {
    await release('upgrade', 'pratique', chartFolder, ...fail);
    expect(await registered()).toEqual([`Fail ${filled}`, `Fail ${filled}`]);
    await release('upgrade', 'pratique', chartFolder, ...fail, '--set', 'replicas=3');
    expect(await registered()).toEqual([`Fail ${filled}`, `Fail ${filled}`]);
  });

  test('an upgrade back takes them over; the leader fills them, and nobody is refused until then', async () => {
    await release('upgrade', 'pratique', chartFolder, ...ignore);
    expect(await registered()).toEqual(['Ignore ', 'Ignore ']);
  });

  test.each([
    ['Ignore', ignore],
    ['Fail', fail],
  ])('nothing that could stand in the way is left when it is removed: %s', async (_, values) => {
    await release('upgrade', 'pratique', chartFolder, ...values);
    await release('uninstall', 'pratique');
    expect(await registered()).toEqual([]);
    const labelled = ['-l', 'app.kubernetes.io/name=pratique', '-o', 'name'];
    const left = ['get', `${kinds},deployments,services,clusterroles,clusterrolebindings`, '-A', ...labelled];
    expect(await must(cluster.kubeconfig, left)).toBe('');
    await release('install', 'pratique', chartFolder);
  });
});

test('every example is taken by the API server, field by field', async () => {
  for (const example of ['default', 'existing-secret', 'existing-secret-with-ca', 'enforced']) {
    const values = ['--values', `${chartFolder}/ci/${example}-values.yaml`];
    const manifest = await helm('template', 'pratique', chartFolder, '--namespace', namespace, ...values);
    const args = [
      'apply',
      '--dry-run=server',
      '--server-side',
      '--force-conflicts',
      '--validate=strict',
      '-f',
      '-',
    ];
    expect(await must(cluster.kubeconfig, args, { stdin: manifest })).toContain('deployment.apps/pratique');
  }
});
