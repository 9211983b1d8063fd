import { describe, expect, test } from '@jest/globals';
import { registryWords } from '../../../../../src/resolve/registry/response/oci-error.ts';

const words = (message: string) =>
  registryWords(Buffer.from(JSON.stringify({ errors: [{ code: 'DENIED', message }] })));

describe('what a registry says of itself', () => {
  test.each([
    ['is quoted', 'access is denied', 'DENIED access is denied'],
    ['is one line', 'access\r\nis\u001b[31m denied', 'DENIED access is [31m denied'],
    [
      'keeps the words about credentials',
      'Basic authentication required',
      'DENIED Basic authentication required',
    ],
    ['loses a password', 'no user for Basic YWxpY2U6czNjcmV0', 'DENIED no user for Basic [redacted]'],
    ['loses a token', 'bad bearer eyJhbGciOi.J9-_x.y0, go', 'DENIED bad bearer [redacted], go'],
  ])('%s', (_, message, wanted) => {
    expect(words(message)).toBe(wanted);
  });

  test('is bounded', () => {
    expect(words('x'.repeat(10_000))).toHaveLength(256);
  });

  test.each(['', 'plain', '{}', '{"errors":{}}', 'null'])('is nothing in %j', (body) => {
    expect(registryWords(Buffer.from(body))).toBeNull();
  });
});
