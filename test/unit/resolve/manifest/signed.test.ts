import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { digestedBytes } from '../../../../src/resolve/manifest/signed.ts';
import { payloadOf, signature, signed } from './signed.ts';

const manifest = {
  schemaVersion: 1,
  name: 'a/é',
  tag: '1',
  architecture: 'arm64',
  fsLayers: [],
  history: [],
};
const payload = payloadOf(manifest);
const digested = (body: string) => Buffer.from(digestedBytes(Buffer.from(body))).toString();

describe('the digest of a manifest', () => {
  test('that is signed schema 1 is of its payload', () => {
    expect(digested(signed(manifest))).toBe(payload);
  });

  test('covers the payload, however many keys signed it', () => {
    const twice = signed(manifest, ({ head, tail }) => {
      const one = signature({ formatLength: Buffer.byteLength(head), formatTail: tail });
      return `${head},"signatures": ${JSON.stringify([one, { ...one, signature: 'BBBB' }])}}`;
    });
    expect(digested(twice)).toBe(payload);
  });

  test('is of the payload whatever it holds', () => {
    const any = fc.record({ name: fc.string(), fsLayers: fc.array(fc.object()), history: fc.json() });
    fc.assert(fc.property(any, (content) => digested(signed(content)) === payloadOf(content)));
  });

  test.each<[string, string]>([
    ['that is not signed', payload],
    ['of another kind, signed or not', signed({ schemaVersion: 2, layers: [] })],
    ['that is not JSON', '<html>'],
    ['that is nothing', ''],
  ])('%s is of its body', (_title, body) => {
    expect(digested(body)).toBe(body);
  });
});

describe('what only looks signed is taken as it is', () => {
  const forged = (format: Readonly<Record<string, unknown>>) =>
    signed(manifest, ({ head, signatures }) => `${head}, "signatures": ${signatures(format)}}`);
  const listed = (signatures: unknown) => JSON.stringify({ ...manifest, signatures });
  const one = signature({ formatLength: 3, formatTail: '}' });

  test.each<[string, string]>([
    ['no signature', listed([])],
    ['no list', listed({})],
    ['a list of others', listed(['x', 1])],
    ['too many', listed(Array.from({ length: 17 }, () => one))],
    ['nothing protected', listed([{ header: {}, signature: 'AAAA' }])],
    ['what is protected is not JSON', listed([{ protected: 'AAAA' }])],
    ['what is protected is not a text', listed([{ protected: 1 }])],
    ['a length that is a text', forged({ formatLength: '3', formatTail: '}' })],
    ['a negative length', forged({ formatLength: -1, formatTail: '}' })],
    ['half a byte', forged({ formatLength: 1.5, formatTail: '}' })],
    ['a length beyond the body', forged({ formatLength: 1e9, formatTail: '}' })],
    ['a length beyond all numbers', forged({ formatLength: 1e300, formatTail: '}' })],
    ['a tail that is not a text', forged({ formatLength: 3, formatTail: [] })],
    ['signatures of different contents', listed([one, signature({ formatLength: 4, formatTail: '}' })])],
    ['signatures with different tails', listed([one, signature({ formatLength: 3, formatTail: ']' })])],
  ])('%s', (_title, body) => {
    expect(digested(body)).toBe(body);
  });

  test('whatever is in its members', () => {
    const format = fc.record({ formatLength: fc.jsonValue(), formatTail: fc.jsonValue() });
    const hostile = fc.oneof(fc.jsonValue(), fc.array(format.map(signature)));
    fc.assert(
      fc.property(hostile, (signatures) => {
        // The fewest of them are sound: all that counts is that none throws.
        expect(typeof digested(listed(signatures))).toBe('string');
      }),
    );
  });
});
