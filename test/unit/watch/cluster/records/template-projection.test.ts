import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type BuiltinTemplateKind,
  templateKinds,
  projectTemplate,
} from '../../../../../src/watch/cluster/records/template-projection.ts';
import { uidWithoutRevision } from '../../../../../src/watch/cluster/records/pod-owner.ts';
import { type Json, pod } from '../../../../kit/fakes/pods.ts';

const template = pod('').container('nginx:1', { name: 'web' }).label('pratique.dev/skip', 'true').template();
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'web',
  uid: 'd1',
  controller: true,
};

function workload(
  spec: Json = {},
  { status = {}, metadata = {} }: { status?: Json; metadata?: Json } = {},
): Json {
  return {
    metadata: { name: 'web-1', namespace: 'shop', uid: 'w1', ...metadata },
    spec: { template, jobTemplate: { spec: { template } }, ...spec },
    status,
  };
}

test.each(templateKinds)('the images of the template of a %s are recorded', (kind) => {
  expect(projectTemplate(workload(), kind)).toMatchObject({
    kind,
    namespace: 'shop',
    name: 'web-1',
    uid: 'w1',
    controller: { kind, name: 'web-1', uid: 'w1' },
    images: [{ container: 'web', image: 'nginx:1', original: 'nginx:1', running: null }],
    hasSkipLabel: true,
    isStaticPod: false,
    isFinished: false,
  });
});

test('a placeholder in a template is not an image in use', () => {
  const containers = [
    { name: 'proxy', image: 'auto' },
    { name: 'trigger', image: ' ' },
    { name: 'web', image: 'nginx:1' },
  ];
  const metadata = { labels: { 'sidecar.istio.io/inject': 'true' } };
  const template = { metadata, spec: { containers } };
  const object = { metadata: { namespace: 'shop', name: 'web', uid: 'u' }, spec: { template } };
  expect(projectTemplate(object, 'Deployment')?.images.map(({ original }) => original)).toEqual(['nginx:1']);
});

describe('the owner of a template', () => {
  test.each<[BuiltinTemplateKind, Json, string | null]>([
    ['Deployment', {}, null],
    ['CronJob', {}, null],
    ['ReplicaSet', {}, 'w1'],
    ['Job', {}, 'w1'],
    ['StatefulSet', { updateRevision: 'web-7d9' }, 'w1/web-7d9'],
    ['StatefulSet', {}, 'w1'],
    ['DaemonSet', {}, 'w1'],
  ])('of a %s with status %j has the UID for its pins', (kind, status, uid) => {
    const owner = projectTemplate(workload({}, { status }), kind)?.owner ?? null;
    expect(owner?.uid ?? null).toBe(uid);
    expect(owner === null || uidWithoutRevision(owner) === 'w1').toBe(true);
  });

  test('a ReplicaSet of a Deployment is controlled by the Deployment', () => {
    const object = workload({}, { metadata: { ownerReferences: [deployment] } });
    expect(projectTemplate(object, 'ReplicaSet')).toMatchObject({
      owner: { kind: 'ReplicaSet', name: 'web-1', uid: 'w1' },
      controller: { kind: 'Deployment', name: 'web', uid: 'd1' },
    });
  });
});

describe('a workload counts as finished', () => {
  const metadata = { ownerReferences: [deployment] };
  test.each<[string, BuiltinTemplateKind, Json, boolean]>([
    ['an earlier revision', 'ReplicaSet', workload({ replicas: 0 }, { metadata }), true],
    ['the present one', 'ReplicaSet', workload({ replicas: 2 }, { metadata }), false],
    ['a ReplicaSet of nobody, scaled to nothing', 'ReplicaSet', workload({ replicas: 0 }), false],
    ['a Deployment scaled to nothing', 'Deployment', workload({ replicas: 0 }), false],
    ['a suspended Job', 'Job', workload({ suspend: true }), true],
    [
      'a complete Job',
      'Job',
      workload({}, { status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
      true,
    ],
    [
      'a Job that failed',
      'Job',
      workload({}, { status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
      true,
    ],
    [
      'a Job that is about to fail',
      'Job',
      workload({}, { status: { conditions: [{ type: 'FailureTarget', status: 'True' }] } }),
      false,
    ],
    ['a suspended CronJob', 'CronJob', workload({ suspend: true }), true],
    ['being deleted', 'Deployment', workload({}, { metadata: { deletionTimestamp: 'now' } }), true],
  ])('includes or excludes %s', (_title, kind, object, isFinished) => {
    expect(projectTemplate(object, kind)?.isFinished).toBe(isFinished);
  });
});

test('projectTemplate reads an object with any values', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom(...templateKinds), (spec, status, kind) => {
      const object = { metadata: { name: 'w', namespace: 'n', uid: 'u' }, spec, status };
      expect(projectTemplate(object, kind)).toMatchObject({ kind, uid: 'u' });
    }),
  );
});
