import { describe, expect, test } from '@jest/globals';
import { canonical, familiar, familiarName, nameOf } from '../../../../src/resolve/reference/format.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('format', () => {
  test.each([
    ['an official image', 'nginx', 'docker.io/library/nginx', 'nginx'],
    ['an image of somebody on Docker Hub', 'team/app', 'docker.io/team/app', 'team/app'],
    ['another registry', 'quay.io/library/app', 'quay.io/library/app', 'quay.io/library/app'],
    ['a deeper path below library', 'library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    ['a repository called library', 'library/library', 'docker.io/library/library', 'library'],
  ])('%s', (_, image, name, short) => {
    const reference = parseReference(image);
    expect(nameOf(reference)).toBe(name);
    expect(familiarName(reference)).toBe(short);
  });

  test('tag and digest follow the name', () => {
    const reference = parseReference(`nginx:1.27@${digest}`);
    expect(canonical(reference)).toBe(`docker.io/library/nginx:1.27@${digest}`);
    expect(familiar(reference)).toBe(`nginx:1.27@${digest}`);
  });
});
