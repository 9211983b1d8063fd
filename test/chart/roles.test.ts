/** The ClusterRoles: exactly the rights that Pratique uses. The cluster suites run with these roles, which shows that they suffice. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Manifests, manifests } from './support/manifests.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

let rendered: Manifests;
beforeAll(async () => {
  rendered = await manifests();
});
const rulesOf = (kind: string, name = 'pratique') => rendered.the(kind, name)['rules'] as readonly Rule[];
const about = (rules: readonly Rule[], resource: string) =>
  rules.filter(({ resources }) => resources.includes(resource));
const verbs = (rules: readonly Rule[], resource: string) =>
  about(rules, resource)
    .flatMap((rule) => rule.verbs)
    .sort();

describe("Pratique's own rights", () => {
  test('nothing is named by a star', () => {
    const all = JSON.stringify([rulesOf('ClusterRole'), rulesOf('Role')]);
    expect(all).not.toContain('*');
  });

  test('Secrets and service accounts one by one, by get only', () => {
    for (const resource of ['secrets', 'serviceaccounts']) {
      expect(verbs(rulesOf('ClusterRole'), resource)).toEqual(['get']);
    }
  });

  test('no Secrets of others where pull secrets are not to be read', async () => {
    for (const [pullSecrets, resources] of [
      [false, []],
      [true, ['secrets', 'serviceaccounts']],
    ] as const) {
      const { rules } = (await manifests({ config: { credentials: { pullSecrets } } })).the(
        'ClusterRole',
        'pratique',
      );
      expect(about(rules as readonly Rule[], 'secrets').flatMap((rule) => rule.resources)).toEqual(resources);
    }
  });

  test('workloads and nodes are only looked at', () => {
    for (const resource of [
      'pods',
      'nodes',
      'deployments',
      'jobs',
      'runtimeclasses',
      'imagedigestmirrorsets',
    ]) {
      expect([resource, verbs(rulesOf('ClusterRole'), resource)]).toEqual([resource, ['list', 'watch']]);
    }
  });

  test('ImageInspections are watched, applied and removed, their status only applied', () => {
    const rules = rulesOf('ClusterRole');
    expect(verbs(rules, 'imageinspections')).toEqual(['create', 'delete', 'list', 'watch']);
    expect(verbs(rules, 'imageinspections/status')).toEqual(['patch']);
  });

  test('its own webhook configurations, by their name, and not to remove them', () => {
    for (const resource of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
      expect(about(rulesOf('ClusterRole'), resource)).toMatchObject([
        { resourceNames: ['pratique'], verbs: ['get', 'list', 'watch', 'patch'] },
      ]);
    }
  });

  test('in its own namespace its Lease and its authority, by their names once they are there', () => {
    for (const [resource, name] of [
      ['leases', 'pratique'],
      ['secrets', 'pratique-ca'],
    ] as const) {
      const rules = about(rulesOf('Role'), resource);
      expect(rules.map(({ verbs: allowed, resourceNames }) => [resourceNames, allowed])).toEqual([
        [undefined, ['create']],
        [[name], expect.arrayContaining(['get', 'update'])],
      ]);
    }
  });
});

describe("people's rights", () => {
  test('who may view may see inspections, who may edit may ask; nobody writes what was found', () => {
    expect(rulesOf('ClusterRole', 'pratique-view')).toEqual([
      {
        apiGroups: ['pratique.dev'],
        resources: ['imageinspections', 'imageinspections/status'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
    expect(about(rulesOf('ClusterRole', 'pratique-edit'), 'imageinspections/status')).toEqual([]);
    expect(verbs(rulesOf('ClusterRole', 'pratique-edit'), 'imageinspections')).toContain('create');
  });

  test('can be left out', async () => {
    const without = await manifests({ aggregateRoles: false, openshift: false });
    expect(without.of('ClusterRole').map(({ metadata }) => metadata.name)).toEqual(['pratique']);
    expect(JSON.stringify(without.of('ClusterRole'))).not.toContain('openshift');
  });
});
