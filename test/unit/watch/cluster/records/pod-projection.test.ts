import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { templateOf } from '../../../../../src/judge/workload/workload.ts';
import { ownerOf } from '../../../../../src/watch/cluster/records/pod-owner.ts';
import { projectPod } from '../../../../../src/watch/cluster/records/pod-projection.ts';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { createInternPools } from '../../../../../src/watch/cluster/records/projection.ts';
import { type Json, pod, type PodBuilder } from '../../../../kit/fakes/pods.ts';
import { digestFor } from '../../../judge/scripted-inspector.ts';

const digest = digestFor('nginx:1');

function stored(builder: PodBuilder, status: Json = {}): Json {
  return {
    ...builder.meta('uid', 'u1').meta('creationTimestamp', '2026-01-02T03:04:05Z').build(),
    status,
  };
}

function record(builder: PodBuilder, status: Json = {}): PodRecord {
  const read = projectPod(stored(builder, status));
  if (!read) throw new Error('the test needs a pod');
  return read;
}

test('projectPod keeps only the fields that are needed', () => {
  const web = pod('web').container(`nginx:1@${digest}`, { name: 'web' });
  web.annotation('pratique.dev/original-images', '{"web":"nginx:1"}');
  web.annotation('pratique.dev/verdict', 'available');
  const object = stored(web, {
    phase: 'Running',
    containerStatuses: [{ name: 'web', imageID: `docker.io/library/nginx@${digest}` }],
  });
  const spec = {
    ...(object['spec'] as Json),
    nodeName: 'n1',
    serviceAccountName: 'robot',
    imagePullSecrets: [{ name: 'corp' }, {}, { name: '' }, { name: 'other' }],
    schedulerName: 'default-scheduler',
    tolerations: [{ operator: 'Exists' }],
    affinity: { podAffinity: {}, nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  };
  expect(projectPod({ ...object, spec })).toEqual({
    kind: 'Pod',
    namespace: 'shop',
    name: 'web',
    uid: 'u1',
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    owner: null,
    controller: null,
    serviceAccount: 'robot',
    pullSecrets: ['corp', 'other'],
    images: [
      {
        container: 'web',
        kind: 'container',
        pullPolicy: 'IfNotPresent',
        image: `nginx:1@${digest}`,
        original: 'nginx:1',
        running: digest,
      },
    ],
    hasVerdict: true,
    hasSkipLabel: false,
    isStaticPod: false,
    isFinished: false,
    scheduling: { spec: { nodeName: 'n1', tolerations: [{ operator: 'Exists' }] } },
  });
});

describe('the original image', () => {
  const original = (builder: PodBuilder): string | undefined => record(builder).images[0]?.original;
  const pinned = `nginx:1@${digest}`;

  test.each<[string, PodBuilder, string]>([
    ['never pinned', pod('p').container('nginx:1'), 'nginx:1'],
    ['by digest, as somebody wrote it', pod('p').container(pinned), pinned],
    ['an ephemeral container, which cannot be annotated', pod('p').ephemeral(pinned), 'nginx:1'],
    ['an ephemeral container without a tag', pod('p').ephemeral(`nginx@${digest}`), `nginx@${digest}`],
    [
      'of an ephemeral container with a port and no tag',
      pod('p').ephemeral(`reg:5000/nginx@${digest}`),
      `reg:5000/nginx@${digest}`,
    ],
    [
      'ignores an annotation that names another repository',
      pod('p').container(pinned, { name: 'c' }).annotation('pratique.dev/original-images', '{"c":"evil:1"}'),
      pinned,
    ],
    [
      'of a volume',
      pod('p')
        .imageVolume(pinned, { name: 'data' })
        .annotation('pratique.dev/original-images', '{"volume:data":"nginx:1"}'),
      'nginx:1',
    ],
  ])('%s', (_title, builder, expected) => {
    expect(original(builder)).toBe(expected);
  });
});

describe('the running digest', () => {
  const running = (builder: PodBuilder, status: Json) =>
    record(builder, status).images.map((image) => image.running);

  test.each([['containerStatuses'], ['initContainerStatuses'], ['ephemeralContainerStatuses']])(
    'is read from %s',
    (list) => {
      const status = { [list]: [{ name: 'x', imageID: `nginx@${digest}` }] };
      expect(running(pod('p').container('nginx:1', { name: 'x' }), status)).toEqual([digest]);
    },
  );

  test('of an image volume is read from a container that mounts it', () => {
    const volumeMounts = [{ name: 'data', volumeStatus: { image: { imageRef: `nginx@${digest}` } } }];
    const status = { containerStatuses: [{ name: 'c', volumeMounts }] };
    expect(running(pod('p').imageVolume('nginx:1', { name: 'data' }), status)).toEqual([digest]);
  });

  test.each([
    ['of another repository', `docker.io/library/other@${digest}`],
    ['of another registry', `quay.io/library/nginx@${digest}`],
    ['that is an image configuration', digest],
    ['that is not a digest', 'nginx:1'],
  ])('is unknown for an ID %s', (_title, imageID) => {
    const status = { containerStatuses: [{ name: 'x', imageID }] };
    expect(running(pod('p').container('nginx:1', { name: 'x' }), status)).toEqual(['unknown']);
  });

  test('is null before the container starts', () => {
    const status = { containerStatuses: [{ name: 'x', imageID: '' }] };
    expect(running(pod('p').container('nginx:1', { name: 'x' }), status)).toEqual([null]);
  });

  test('is null for the status of another container', () => {
    const status = { containerStatuses: [{ name: 'other', imageID: `nginx@${digest}` }] };
    expect(running(pod('p').container('nginx:1', { name: 'x' }), status)).toEqual([null]);
  });
});

describe('a pod counts as finished', () => {
  test.each([
    ['Pending', false],
    ['Running', false],
    ['Unknown', false],
    ['Succeeded', true],
    ['Failed', true],
  ])('in phase %s: %s', (phase, isFinished) => {
    expect(record(pod('p').container('nginx:1'), { phase }).isFinished).toBe(isFinished);
  });

  test('when it is being deleted', () => {
    expect(record(pod('p').meta('deletionTimestamp', '2026-01-02T03:04:05Z')).isFinished).toBe(true);
  });
});

test('labels and annotations mark skipped, judged and static pods', () => {
  expect(record(pod('p').label('pratique.dev/skip', 'true')).hasSkipLabel).toBe(true);
  expect(record(pod('p').label('pratique.dev/skip', 'yes')).hasSkipLabel).toBe(false);
  expect(record(pod('p').annotation('kubernetes.io/config.mirror', 'x')).isStaticPod).toBe(true);
});

describe('the owner', () => {
  const reference = (kind: string, more: Json = {}): Json => ({
    apiVersion: 'apps/v1',
    kind,
    name: 'web-1',
    uid: 'o1',
    controller: true,
    ...more,
  });
  const owned = (references: readonly Json[], hash?: string): PodBuilder => {
    const builder = pod('p').meta('ownerReferences', references);
    return hash === undefined ? builder : builder.label('controller-revision-hash', hash);
  };

  test.each<[string, PodBuilder, string | null]>([
    ['nobody', pod('p'), null],
    ['a ReplicaSet', owned([reference('ReplicaSet')]), 'o1'],
    ['a Job', owned([reference('Job')]), 'o1'],
    ['a ReplicationController', owned([reference('ReplicationController')]), 'o1'],
    ['a StatefulSet, by its revision', owned([reference('StatefulSet')], 'web-7d9'), 'o1/web-7d9'],
    ['a DaemonSet, by its revision', owned([reference('DaemonSet')], '7d9'), 'o1/7d9'],
    ['a DaemonSet without a revision', owned([reference('DaemonSet')]), null],
    ['a Node, which owns static pods', owned([reference('Node')]), null],
    ['an owner that is not a controller', owned([reference('ReplicaSet', { controller: false })]), null],
    ['an owner without a UID', owned([reference('ReplicaSet', { uid: '' })]), null],
    ['owner references that are not a list', pod('p').meta('ownerReferences', 'ReplicaSet'), null],
    [
      'is the controller among several',
      owned([reference('Job', { uid: 'o0', controller: false }), reference('ReplicaSet')]),
      'o1',
    ],
  ])('%s', (_title, builder, uid) => {
    expect(record(builder).owner?.uid ?? null).toBe(uid);
  });

  test('of a pod at admission equals that of the stored pod', () => {
    const builder = owned([reference('StatefulSet')], 'web-7d9');
    const atAdmission = templateOf(builder.build());
    expect(ownerOf(atAdmission?.pod)).toEqual(record(builder).owner);
  });

  test('is set as controller whatever its kind', () => {
    expect(record(owned([reference('Rollout')])).controller).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Rollout',
      name: 'web-1',
      uid: 'o1',
    });
  });
});

describe('hostile objects', () => {
  test.each([[null], [1], ['x'], [[]], [{}], [{ metadata: [] }], [{ metadata: { name: 'p' } }]])(
    '%j is not a pod',
    (object) => {
      expect(projectPod(object)).toBeNull();
    },
  );

  test('projectPod reads an object with any values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (spec, status, more) => {
        const metadata = { name: 'p', namespace: 'n', uid: 'u', labels: more, annotations: more };
        const read = projectPod({ metadata: { ...metadata, ownerReferences: more }, spec, status });
        expect(read).toMatchObject({ kind: 'Pod', uid: 'u' });
      }),
    );
  });

  test('a pod with too many images is recorded without images', () => {
    const builder = pod('p');
    for (let n = 0; n < 300; n++) builder.container(`nginx:${n}`);
    expect(record(builder)).toMatchObject({ uid: 'u1', images: [] });
  });

  test('endless images are truncated and stay invalid references', () => {
    const [image] = record(pod('p').container(`nginx:${'1'.repeat(1_000_000)}`)).images;
    expect(image?.image.length).toBeLessThan(1_200);
    expect(image?.image.length).toBeGreaterThan(1_024);
  });

  test('endless pull secret names are truncated, and an owner with an endless name is ignored', () => {
    const name = 'x'.repeat(1_000_000);
    const object = stored(pod('p').container('nginx:1'));
    const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true };
    const read = (secret: string, part: Json) =>
      projectPod({
        metadata: { ...(object['metadata'] as Json), ownerReferences: [{ ...reference, ...part }] },
        spec: { ...(object['spec'] as Json), imagePullSecrets: [{ name: secret }] },
      });
    expect(read(name, {})?.pullSecrets[0]).toHaveLength(254);
    expect(read(name.slice(0, 253), {})?.pullSecrets).toEqual([name.slice(0, 253)]);
    expect(read('a', {})?.controller).not.toBeNull();
    for (const part of ['apiVersion', 'kind', 'name', 'uid'])
      expect(read('a', { [part]: name })).toMatchObject({ owner: null, controller: null });
  });

  test('an endless selector is dropped, so that the pod may run anywhere', () => {
    const object = stored(pod('p').container('nginx:1'));
    const nodeSelector = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key-${n}`, 'value']));
    const spec = { ...(object['spec'] as Json), nodeSelector, nodeName: 'n1' };
    expect(projectPod({ ...object, spec })?.scheduling).toEqual({ spec: { nodeName: 'n1' } });
  });
});

test('equal parts of different pods are the same object', () => {
  const shared = createInternPools();
  const one = projectPod(stored(pod('a').container('nginx:1', { name: 'c' })), shared);
  const other = projectPod(stored(pod('b').container('nginx:1', { name: 'c' })), shared);
  expect(other?.images).toBe(one?.images);
  expect(other?.scheduling).toBe(one?.scheduling);
  expect(other?.pullSecrets).toBe(one?.pullSecrets);
});

test('pull secret names with any characters are kept apart', () => {
  const shared = createInternPools();
  const secretsOf = (...names: readonly string[]) => {
    const object = stored(pod('p').container('nginx:1'));
    const spec = { ...(object['spec'] as Json), imagePullSecrets: names.map((name) => ({ name })) };
    return projectPod({ ...object, spec }, shared)?.pullSecrets;
  };
  expect(secretsOf('a b')).toEqual(['a b']);
  expect(secretsOf('a', 'b')).toEqual(['a', 'b']);
});
