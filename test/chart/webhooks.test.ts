/** The webhook configurations: which requests the API server asks about, and what happens when nobody answers. What the expressions do is tried on a real API server. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Manifests,
  manifests,
  namespace,
  refusal,
  type Webhook,
  webhooksIn,
} from './support/manifests.ts';

const policy = (settings: object) => ({ config: { policy: settings } });
const notIn = (webhook: Webhook, key: string) =>
  [...webhook.namespaceSelector.matchExpressions, ...(webhook.objectSelector?.matchExpressions ?? [])].find(
    (each) => each.key === key,
  );

let rendered: Manifests;
let both: readonly [Webhook, Webhook];
beforeAll(async () => {
  rendered = await manifests();
  both = webhooksIn(rendered);
});

describe('as they come', () => {
  test('one that mutates and one that judges the final state; neither stands in the way when it fails', () => {
    expect(both.map(({ name }) => name)).toEqual(['mutate.pratique.dev', 'validate.pratique.dev']);
    expect(both.map(({ failurePolicy }) => failurePolicy)).toEqual(['Ignore', 'Ignore']);
  });

  test('pods and their ephemeral containers, nothing else', () => {
    for (const { rules } of both) {
      expect(rules).toEqual([
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['pods'],
          scope: 'Namespaced',
        },
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['UPDATE'],
          resources: ['pods/ephemeralcontainers'],
          scope: 'Namespaced',
        },
      ]);
    }
  });

  test('what the API server may do with them', () => {
    for (const webhook of both) {
      expect(webhook).toMatchObject({
        matchPolicy: 'Equivalent',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      });
    }
    expect(both.map(({ reinvocationPolicy }) => reinvocationPolicy)).toEqual(['IfNeeded', undefined]);
  });

  test("never the cluster's own namespaces, nor Pratique's", () => {
    for (const webhook of both) {
      expect(notIn(webhook, 'kubernetes.io/metadata.name')).toEqual({
        key: 'kubernetes.io/metadata.name',
        operator: 'NotIn',
        values: ['kube-system', 'kube-node-lease', namespace],
      });
    }
  });

  test('labels of pods and namespaces are left to Pratique, which knows the mode', () => {
    for (const webhook of both) {
      expect(webhook.objectSelector).toBeUndefined();
      expect(notIn(webhook, 'pratique.dev/mode')).toBeUndefined();
    }
  });

  test('the same conditions for both, each with a name that a message can say', () => {
    const [names, others] = both.map(({ matchConditions }) => matchConditions.map(({ name }) => name));
    expect(names).toEqual(['not-a-mirror-pod', 'not-being-deleted', 'not-by-pratique', 'images-are-new']);
    expect(others).toEqual(names);
    expect(JSON.stringify(both[0].matchConditions)).toContain(`system:serviceaccount:${namespace}:pratique'`);
  });

  test('three seconds', () => {
    expect(both.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([3, 3]);
  });

  test('no caBundle, so that the leader, which fills it, owns it; no hooks', () => {
    for (const { clientConfig } of both) expect(Object.keys(clientConfig)).toEqual(['service']);
    expect(both.map(({ clientConfig }) => clientConfig['service'])).toEqual(
      ['/mutate', '/validate'].map((path) => ({ name: 'pratique', namespace, path, port: 443 })),
    );
    const annotated = rendered.all.filter(({ metadata }) => metadata.annotations !== undefined);
    // The Pod of `helm test` alone.
    expect(annotated.map(({ kind }) => kind)).toEqual(['Pod']);
  });
});

describe('on request', () => {
  test.each<[string, object, number, number]>([
    ['no templates', {}, 2, 2],
    ['early warnings only', { webhooks: { templates: true } }, 2, 4],
    ['templates pinned', policy({ pin: 'templates' }), 4, 4],
    ['templates pinned by a rule', policy({ rules: [{ namespaces: ['a'], pin: 'templates' }] }), 4, 4],
  ])('%s', async (_, values, mutating, validating) => {
    const webhooks = webhooksIn(await manifests(values));
    expect(webhooks.map(({ rules }) => rules.length)).toEqual([mutating, validating]);
    const resources = webhooks.flatMap(({ rules }) => rules.flatMap((rule) => rule.resources));
    // Their controllers compare them with what they are made of.
    expect(resources).not.toContain('replicasets');
    expect(resources.join()).not.toMatch(/\*|lease/);
  });

  test.each<[string, object, boolean]>([
    ['by default it depends on the mode', {}, false],
    ['nobody may', { skipLabel: false }, false],
    ['everybody may', { skipLabel: true }, true],
    ['not everywhere', { skipLabel: true, rules: [{ namespaces: ['a'], skipLabel: false }] }, false],
    [
      'by mode in one namespace',
      { skipLabel: true, rules: [{ namespaces: ['a'], skipLabel: 'auto' }] },
      false,
    ],
    ['in one namespace only', { rules: [{ namespaces: ['a'], skipLabel: true }] }, false],
  ])('opt out: %s', async (_, settings, selected) => {
    for (const webhook of webhooksIn(await manifests(policy(settings)))) {
      expect(webhook.objectSelector !== undefined).toBe(selected);
    }
  });

  test.each([
    ['honour', true],
    ['tightenOnly', false],
    ['ignore', false],
  ])('the label `off` of a namespace, when the policy says %s', async (namespaceLabel, excluded) => {
    for (const webhook of webhooksIn(await manifests(policy({ namespaceLabel })))) {
      expect(notIn(webhook, 'pratique.dev/mode')?.values).toEqual(excluded ? ['off'] : undefined);
    }
  });

  test('more namespaces, beside those', async () => {
    const values = { webhooks: { excludeNamespaces: ['infra', 'kube-system', '123'] } };
    for (const webhook of webhooksIn(await manifests(values))) {
      expect(notIn(webhook, 'kubernetes.io/metadata.name')?.values).toEqual([
        'kube-system',
        'kube-node-lease',
        namespace,
        'infra',
        '123',
      ]);
    }
  });
});

describe('failurePolicy Fail', () => {
  const fail = { webhooks: { failurePolicy: 'Fail' } };
  const hooksOf = ({ all }: Manifests, webhooks: boolean) =>
    all
      .filter((each) => each.kind.endsWith('WebhookConfiguration'))
      .filter((each) => (each['webhooks'] as unknown[]).length > 0 === webhooks)
      .map(({ metadata }) => metadata.annotations?.['helm.sh/hook']);

  test('not with a single replica', async () => {
    expect(await refusal({ ...fail, replicas: 1 })).toContain('replicas');
    expect((await manifests({ replicas: 1 })).all).not.toHaveLength(0);
  });

  test('they come after everything else, and go before it', async () => {
    const failing = await manifests(fail);
    expect(webhooksIn(failing).map(({ failurePolicy }) => failurePolicy)).toEqual(['Fail', 'Fail']);
    const after = 'post-install,post-upgrade,post-rollback';
    expect(hooksOf(failing, true)).toEqual([after, after]);
    expect(hooksOf(failing, false)).toEqual(['pre-delete', 'pre-delete']);
  });

  test('for tools that apply manifests themselves there are no hooks', async () => {
    const plain = await manifests({ webhooks: { failurePolicy: 'Fail', hooks: false } });
    expect(hooksOf(plain, true)).toEqual([undefined, undefined]);
    expect(hooksOf(plain, false)).toEqual([]);
  });
});

test.each([
  ['3s', 3, true],
  ['2999ms', 3, false],
  ['3000ms', 3, true],
  ['4s', 5, false],
  ['2s900ms', 3, false],
  ['2s1000ms', 3, true],
  ['0.05m', 3, true],
])('a deadline of %s with a timeout of %d s is refused: %s', async (deadline, timeoutSeconds, refused) => {
  const values = { config: { server: { webhook: { deadline } } }, webhooks: { timeoutSeconds } };
  if (!refused) expect((await manifests(values)).all).not.toHaveLength(0);
  else expect(await refusal(values)).toContain('must be less than webhooks.timeoutSeconds');
});
