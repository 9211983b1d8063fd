import { describe, expect, test } from '@jest/globals';
import { usesOf } from '../../../../src/judge/workload/image-use.ts';
import type { Fields } from '../../../../src/util/unstructured.ts';
import { pod } from '../../../kit/fakes/pods.ts';

const spec = (builder: ReturnType<typeof pod>): Fields => builder.build()['spec'] as Fields;

describe('usesOf', () => {
  test('finds all four kinds of image, each with its pointer', () => {
    const { uses } = usesOf(
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
    const { uses } = usesOf(spec(pod('p').container(image, options).imageVolume(image, options)), '');
    expect(uses.map((use) => use.pullPolicy)).toEqual([wanted, wanted]);
  });

  test('ignores malformed members and keeps the positions of the others', () => {
    const { uses } = usesOf(
      {
        containers: [null, 'nginx', { image: ['x'] }, { image: 'nginx:1' }],
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
    ]);
  });

  test('shows an image that unquoted YAML turned into a number', () => {
    expect(usesOf({ containers: [{ image: 1.27 }] }, '').uses[0]?.image).toBe('1.27');
  });

  const containers = (count: number, image: (index: number) => string) => ({
    containers: Array.from({ length: count }, (_, index) => ({ image: image(index) })),
  });

  test('counts equal images once against the limit of 256', () => {
    const equal = usesOf(
      containers(1_000, () => 'nginx:1'),
      '',
    );
    expect([equal.uses.length, equal.hasTooManyImages]).toEqual([1_000, false]);
    expect(
      usesOf(
        containers(256, (index) => `nginx:${index}`),
        '',
      ).hasTooManyImages,
    ).toBe(false);
  });

  test('stops reading at the 257th different image', () => {
    const many = usesOf(
      containers(50_000, (index) => `nginx:${index}`),
      '',
    );
    expect([many.uses.length, many.hasTooManyImages]).toEqual([257, true]);
  });

  test('stops reading after 4,096 equal images', () => {
    const many = usesOf(
      containers(50_000, () => 'nginx:1'),
      '',
    );
    expect([many.uses.length, many.hasTooManyImages]).toEqual([4_097, true]);
  });
});
