import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { splitLines } from '../../../../../src/watch/kubernetes/client/lines.ts';

describe('splitLines', () => {
  async function* pieces(text: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
    const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
    for (let n = 1; n < at.length; n++) yield text.subarray(at[n - 1], at[n]);
  }

  test('yields the same lines however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const read: string[] = [];
        for await (const each of splitLines(pieces(bytes, cuts), 10_000, 'here')) read.push(each);
        expect(read).toEqual(texts);
      }),
    );
  });

  test('limits each line by its bytes', async () => {
    const read = async (text: string) => {
      const all: string[] = [];
      for await (const each of splitLines(pieces(Buffer.from(text), []), 4, 'here')) all.push(each);
      return all;
    };
    expect(await read('1234\n5678\n90')).toEqual(['1234', '5678', '90']);
    await expect(read('12345\n')).rejects.toMatchObject({ code: 'TooLarge' });
    await expect(read('äää')).rejects.toMatchObject({ code: 'TooLarge' });
  });
});
