import { describe, expect, test } from '@jest/globals';
import { NodeImages } from '../../kit/cluster/nodes/node-images.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [index, single, other, configuration] = ['b', 'a', 'c', 'd'].map(digest) as [
  string,
  string,
  string,
  string,
];

describe('the images of a node', () => {
  test('a pull by tag is reported as digest and tag', () => {
    const images = new NodeImages();
    images.pull('nginx:1.27', { digest: index, configuration });
    expect(images.report()).toMatchObject([
      { names: [`docker.io/library/nginx@${index}`, 'docker.io/library/nginx:1.27'] },
    ]);
  });

  test('a pull by tag and digest is reported without its tag', () => {
    const images = new NodeImages();
    images.pull(`corp.io/app:1@${index}`, { digest: index, configuration });
    expect(images.report()).toMatchObject([{ names: [`corp.io/app@${index}`] }]);
    expect(images.imageName(configuration)).toBe(configuration);
  });

  test('imageID is the first digest of the same configuration, also of another tag and form', () => {
    const images = new NodeImages();
    images.pull('corp.io/app:multi', { digest: index, configuration });
    expect(images.imageId(configuration)).toBe(`corp.io/app@${index}`);
    images.pull('corp.io/app:1', { digest: single, configuration });
    expect(images.imageId(configuration)).toBe(`corp.io/app@${single}`);
  });

  test('imageID can be of another repository', () => {
    const images = new NodeImages();
    images.pull('corp.io/app:1', { digest: single, configuration });
    images.pull('a.corp.io/mirror/app:1', { digest: single, configuration });
    expect(images.imageId(configuration)).toBe(`a.corp.io/mirror/app@${single}`);
  });

  test('a tag that moved is of the new image only', () => {
    const images = new NodeImages();
    images.pull('corp.io/app:1', { digest: single, configuration });
    images.pull('corp.io/app:1', { digest: other, configuration: other });
    expect(images.report().map(({ names }) => names)).toEqual([
      [`corp.io/app@${single}`],
      [`corp.io/app@${other}`, 'corp.io/app:1'],
    ]);
  });

  test('not more than 50 images are reported', () => {
    const images = new NodeImages();
    for (let at = 0; at < 60; at++)
      images.pull(`corp.io/app:${at}`, { digest: `sha256:${at}`, configuration: `${at}` });
    expect(images.report()).toHaveLength(50);
  });
});
