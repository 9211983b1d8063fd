import { expect, test } from '@jest/globals';
import { InvalidReference } from '../../../../src/resolve/reference/error.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import { answerInvalidReference } from '../../../../src/serve/engine-api/reference-answer.ts';

function answer(image: string) {
  try {
    parseReference(image);
  } catch (error) {
    if (!(error instanceof InvalidReference)) throw error;
    const { status, body } = answerInvalidReference(image, error);
    return { status, message: (JSON.parse(body) as { message: string }).message };
  }
  throw new Error(`${image} is a reference`);
}

const hex = 'ab'.repeat(32);

test.each([
  ['hello:', 'invalid reference format'],
  ['hello@sha256:1234', 'invalid reference format'],
  [`hello:${'t'.repeat(129)}`, 'invalid reference format'],
  ['Hello', 'invalid reference format: repository name (library/Hello) must be lowercase'],
  ['a.example/Team/App:1', 'invalid reference format: repository name (Team/App) must be lowercase'],
  [
    'library%2Fhello',
    'invalid reference format: repository name (library/library%2Fhello) must be lowercase',
  ],
  ['a'.repeat(256), 'repository name must not be more than 255 characters'],
  ['a'.repeat(2_000), 'repository name must not be more than 255 characters'],
  [`hello@sha256:${hex.toUpperCase()}`, 'invalid checksum digest format'],
  [`hello@sha256:${'a'.repeat(40)}`, 'invalid checksum digest length'],
  [`hello@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
])('%s: dockerd says 400 and its words come first', (image, words) => {
  const { status, message } = answer(image);
  expect(status).toBe(400);
  expect(message.startsWith(words)).toBe(true);
});

test.each(['scratch', 'scratch:1', 'docker.io/library/scratch', `scratch@sha256:${hex}`])(
  '%s is a reserved name',
  (image) => {
    expect(answer(image)).toEqual({ status: 400, message: "'scratch' is a reserved name" });
  },
);

test.each([hex, `sha256:${hex}`])('%s is the ID of an image on a node', (image) => {
  expect(answer(image)).toEqual({ status: 500, message: 'no manifest found for full image ID' });
});

test('what is shown of the name has no control characters', () => {
  expect(answer('A\u001b[31m\u0007').message).not.toMatch(/\p{Cc}/u);
});
