import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { eligibility } from '../../../../src/judge/nodes/scheduling/eligible.ts';
import type { ClusterNode } from '../../../../src/judge/nodes/node.ts';
import { affinityPatch } from '../../../../src/judge/patch/affinity-patch.ts';
import type { PatchOperation } from '../../../../src/judge/patch/patch.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { type Json, pod } from '../../../kit/fakes/pods.ts';
import { node } from '../nodes/nodes.ts';
import { applied } from '../workload/json-patch.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const os = { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] };
const arch = { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] };
const choices = [os, arch].map(({ key, values }) => ({ key, values }));

function podWith(spec: object): Json {
  const object = pod('web').container('nginx:1').build();
  return { ...object, spec: { ...(object['spec'] as Json), ...spec } };
}

function patchOf(object: Json): readonly PatchOperation[] | null {
  const workload = templateOf(object);
  if (!workload) throw new Error('a pod is a workload');
  return affinityPatch(workload, choices);
}

const withTerms = (...nodeSelectorTerms: readonly unknown[]): Json =>
  podWith({ affinity: { nodeAffinity: { [required]: { nodeSelectorTerms } } } });
const terms = `/spec/affinity/nodeAffinity/${required}/nodeSelectorTerms`;
const own = { key: 'pool', operator: 'Exists' };
const byName = { key: 'metadata.name', operator: 'In', values: ['n1'] };
const fresh = { [required]: { nodeSelectorTerms: [{ matchExpressions: [os, arch] }] } };

describe('the affinity patch', () => {
  test.each<[string, Json, readonly object[] | null]>([
    [
      'without affinity',
      podWith({}),
      [{ op: 'add', path: '/spec/affinity', value: { nodeAffinity: fresh } }],
    ],
    [
      'with affinity to pods',
      podWith({ affinity: { podAffinity: {} } }),
      [{ op: 'add', path: '/spec/affinity/nodeAffinity', value: fresh }],
    ],
    [
      'with preferences only',
      podWith({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } } }),
      [{ op: 'add', path: `/spec/affinity/nodeAffinity/${required}`, value: fresh[required] }],
    ],
    [
      'with terms: into each of them',
      withTerms({ matchExpressions: [own] }, { matchExpressions: [own], matchFields: [byName] }),
      [
        { op: 'add', path: `${terms}/0/matchExpressions/-`, value: os },
        { op: 'add', path: `${terms}/0/matchExpressions/-`, value: arch },
        { op: 'add', path: `${terms}/1/matchExpressions/-`, value: os },
        { op: 'add', path: `${terms}/1/matchExpressions/-`, value: arch },
      ],
    ],
    [
      'with a term that names nodes',
      withTerms({ matchFields: [byName] }),
      [{ op: 'add', path: `${terms}/0/matchExpressions`, value: [os, arch] }],
    ],
    [
      'with a term that matches no node: it would match some then',
      withTerms({}, { matchExpressions: [] }, { matchExpressions: [own] }),
      [
        { op: 'add', path: `${terms}/2/matchExpressions/-`, value: os },
        { op: 'add', path: `${terms}/2/matchExpressions/-`, value: arch },
      ],
    ],
    [
      'that says so already, in whatever order',
      withTerms({ matchExpressions: [{ ...arch, values: ['arm64', 'amd64'] }, own, os] }),
      [],
    ],
    [
      'that says half of it',
      withTerms({ matchExpressions: [os] }),
      [{ op: 'add', path: `${terms}/0/matchExpressions/-`, value: arch }],
    ],
    ['of another shape', podWith({ affinity: [] }), null],
    ['of another shape within', podWith({ affinity: { nodeAffinity: 'x' } }), null],
    ['of another shape further within', podWith({ affinity: { nodeAffinity: { [required]: [] } } }), null],
    ['without a list of terms', podWith({ affinity: { nodeAffinity: { [required]: {} } } }), null],
    [
      'with thousands of terms',
      withTerms(...Array.from({ length: 5_000 }, () => ({ matchExpressions: [own] }))),
      null,
    ],
  ])('%s', (_what, object, wanted) => {
    expect(patchOf(object)).toEqual(wanted);
  });
});

describe('any pod', () => {
  const label = fc.constantFrom('kubernetes.io/os', 'kubernetes.io/arch', 'pool');
  const word = fc.constantFrom('linux', 'windows', 'amd64', 'arm64', 's390x', 'a');
  const expression = fc.record({
    key: label,
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
    values: fc.array(word, { minLength: 1, maxLength: 2 }),
  });
  const matchFields = fc.constantFrom([], [{ key: 'metadata.name', operator: 'NotIn', values: ['n0'] }]);
  const term = fc.record(
    { matchExpressions: fc.array(expression, { maxLength: 2 }), matchFields },
    { requiredKeys: [] },
  );
  const affinity = fc.oneof(
    fc.record({ [required]: fc.record({ nodeSelectorTerms: fc.array(term, { maxLength: 3 }) }) }),
    fc.constantFrom({}, null),
  );
  const spec = fc.record(
    {
      affinity: fc.oneof(fc.record({ nodeAffinity: affinity }), fc.constantFrom({}, null)),
      nodeSelector: fc.dictionary(label, word, { maxKeys: 1, noNullPrototype: true }),
    },
    { requiredKeys: [] },
  );
  const cluster: readonly ClusterNode[] = [
    'linux/amd64',
    'linux/arm64',
    'linux/s390x',
    'windows/amd64',
  ].flatMap((platform, index) => [
    node(`n${index}`, platform).build(),
    node(`m${index}`, platform).label('pool', 'a').build(),
  ]);
  const eligible = (object: Json): readonly string[] => {
    const { admits } = eligibility(object['spec'] as Json, undefined);
    return cluster.filter(admits).map(({ name }) => name);
  };
  const chosen = new Set(
    cluster
      .filter(({ platform }) => platform.os === 'linux' && platform.architecture !== 's390x')
      .map(({ name }) => name),
  );

  test('has afterwards exactly those of its nodes that have the labels', () => {
    fc.assert(
      fc.property(spec, (spec) => {
        const object = podWith(spec);
        const patch = patchOf(object);
        expect(patch).not.toBeNull();
        const after = applied(object, patch ?? []);
        expect(eligible(after)).toEqual(eligible(object).filter((name) => chosen.has(name)));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is not changed a second time, and no list is replaced', () => {
    fc.assert(
      fc.property(spec, (spec) => {
        const object = podWith(spec);
        const patch = patchOf(object) ?? [];
        for (const { op } of patch) expect(op).toBe('add');
        expect(patchOf(applied(object, patch))).toEqual([]);
      }),
    );
  });
});
