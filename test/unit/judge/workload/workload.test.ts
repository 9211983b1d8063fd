import { describe, expect, test } from '@jest/globals';
import { isWorkload } from '../../../../src/judge/workload/workload-kinds.ts';
import { annotationOf, labelOf, templateOf } from '../../../../src/judge/workload/workload.ts';
import { deployment, pod } from '../../../kit/fakes/pods.ts';

const template = pod('t').container('nginx:1').template();

describe('templateOf', () => {
  test.each([
    ['v1', 'Pod', '', template],
    ['v1', 'PodTemplate', '/template', { template }],
    ['v1', 'ReplicationController', '/spec/template', { spec: { template } }],
    ['apps/v1', 'Deployment', '/spec/template', { spec: { template } }],
    ['apps/v1', 'ReplicaSet', '/spec/template', { spec: { template } }],
    ['apps/v1', 'StatefulSet', '/spec/template', { spec: { template } }],
    ['apps/v1', 'DaemonSet', '/spec/template', { spec: { template } }],
    ['batch/v1', 'Job', '/spec/template', { spec: { template } }],
    [
      'batch/v1',
      'CronJob',
      '/spec/jobTemplate/spec/template',
      { spec: { jobTemplate: { spec: { template } } } },
    ],
  ])('%s %s has its pod at "%s"', (apiVersion, kind, pointer, members) => {
    const workload = templateOf({ apiVersion, kind, ...members });
    expect(workload).toMatchObject({ kind, pointer, template: pointer !== '' });
    expect(workload?.uses.map((use) => use.pointer)).toEqual([`${pointer}/spec/containers/0/image`]);
  });

  test.each([
    ['a kind without a pod', { apiVersion: 'v1', kind: 'ConfigMap' }],
    ['a kind of the same name in another group', { apiVersion: 'batch.volcano.sh/v1alpha1', kind: 'Job' }],
    ['no object', null],
    ['a list', []],
  ])('%s is not a workload', (_title, object) => {
    expect(templateOf(object)).toBeNull();
  });

  test('the kind given by the caller overrules the object', () => {
    expect(templateOf(template, { group: '', kind: 'Pod' })?.uses).toHaveLength(1);
    expect(isWorkload({ group: 'apps', kind: 'Deployment' })).toBe(true);
    expect(isWorkload({ group: '', kind: 'Deployment' })).toBe(false);
  });

  test('name and namespace are read from the object, labels and annotations from the pod', () => {
    const workload = templateOf(
      deployment('api', pod('').label('app', 'api').annotation('note', 'x').container('nginx:1')),
    );
    if (!workload) throw new Error('a Deployment is a workload');
    expect(workload).toMatchObject({ name: 'api', namespace: 'shop' });
    expect([labelOf(workload, 'app'), labelOf(workload, 'constructor')]).toEqual(['api', undefined]);
    expect([annotationOf(workload, 'note'), annotationOf(workload, '__proto__')]).toEqual(['x', undefined]);
  });

  test('a pod without a name is known by its generateName', () => {
    expect(templateOf({ ...pod('x').build(), metadata: { generateName: 'api-' } })?.name).toBe('api-');
  });

  test.each([
    ['metadata', { metadata: 7 }],
    ['spec', { spec: [] }],
    ['labels', { metadata: { labels: ['pratique.dev/skip'], annotations: { a: 1 } } }],
  ])('malformed %s read as empty', (_title, members) => {
    const workload = templateOf({ apiVersion: 'v1', kind: 'Pod', ...members });
    expect(workload).toMatchObject({ uses: [], namespace: '', name: '' });
    expect(workload && annotationOf(workload, 'a')).toBeUndefined();
  });
});
