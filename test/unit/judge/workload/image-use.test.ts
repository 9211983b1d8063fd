import { describe, expect, test } from '@jest/globals';
import { usesOf, WorkloadError } from '../../../../src/judge/workload/image-use.ts';
import type { Fields } from '../../../../src/util/unstructured.ts';
import { pod } from '../../../kit/fakes/pods.ts';

const spec = (builder: ReturnType<typeof pod>): Fields => builder.build()['spec'] as Fields;

describe('usesOf', () => {
  test('finds all four kinds of image, each with its pointer', () => {
    const uses = usesOf(
      spec(
        pod('web')
          .container('nginx:1.27', { name: 'web' })
          .init('migrate:1', { name: 'migrate' })
          .ephemeral('busybox:1', { name: 'debug' })
          .imageVolume('weights:7b', { name: 'model' }),
      ),
      '/spec/template',
    );
    expect(uses.map(({ container, kind, pointer, image }) => [container, kind, pointer, image])).toEqual([
      ['migrate', 'init', '/spec/template/spec/initContainers/0/image', 'migrate:1'],
      ['web', 'container', '/spec/template/spec/containers/0/image', 'nginx:1.27'],
      ['debug', 'ephemeral', '/spec/template/spec/ephemeralContainers/0/image', 'busybox:1'],
      ['volume:model', 'volume', '/spec/template/spec/volumes/0/image/reference', 'weights:7b'],
    ]);
  });

  test.each([
    ['nginx:1.27', undefined, 'IfNotPresent'],
    ['nginx', undefined, 'Always'],
    ['nginx:latest', undefined, 'Always'],
    [`nginx@sha256:${'0'.repeat(64)}`, undefined, 'IfNotPresent'],
    [`nginx:latest@sha256:${'0'.repeat(64)}`, undefined, 'Always'],
    ['NGINX', undefined, 'IfNotPresent'],
    ['nginx', 'Never', 'Never'],
    ['nginx', 'Sometimes', 'Always'],
  ])('the pull policy of %s, written as %s, is %s', (image, pullPolicy, wanted) => {
    const options = pullPolicy === undefined ? {} : { pullPolicy };
    const uses = usesOf(spec(pod('p').container(image, options).imageVolume(image, options)), '');
    expect(uses.map((use) => use.pullPolicy)).toEqual([wanted, wanted]);
  });

  test('passes over what is malformed, and keeps the places of what is not', () => {
    const uses = usesOf(
      {
        containers: [null, 'nginx', { image: 7 }, { image: 'nginx:1' }],
        initContainers: { image: 'x' },
        volumes: [{ image: 'x' }, { image: [] }, 3, { name: 'v', image: { reference: {} } }],
      },
      '',
    );
    expect(uses.map(({ container, pointer, image }) => [container, pointer, image])).toEqual([
      ['containers[0]', '/spec/containers/0/image', ''],
      ['containers[1]', '/spec/containers/1/image', ''],
      ['containers[2]', '/spec/containers/2/image', ''],
      ['containers[3]', '/spec/containers/3/image', 'nginx:1'],
      ['volume:v', '/spec/volumes/3/image/reference', ''],
    ]);
  });

  test('refuses a pod with more images than any real one has', () => {
    const containers = Array.from({ length: 257 }, () => ({ image: 'nginx:1' }));
    expect(() => usesOf({ containers }, '')).toThrow(WorkloadError);
    expect(usesOf({ containers: containers.slice(1) }, '')).toHaveLength(256);
  });
});
