/** Looks for a secret in bytes, in whatever form it may have been put on the wire. */

/** Is the secret there: as it is, escaped for a URL, a form or JSON, in hexadecimal, or within anything in base64? */
export function hasTrace(bytes: Uint8Array, secret: string): boolean {
  const text = Buffer.from(bytes).toString('latin1').toLowerCase();
  return formsOf(secret).some((form) => text.includes(form.toLowerCase()));
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((offset) => within(bytes, offset));
  const plain = [
    bytes.toString('latin1'),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...base64,
    ...base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  const forms = new URLSearchParams({ '': secret }).toString().slice(1);
  return [...plain, ...plain.map(encodeURIComponent), forms];
}

/** What is left in base64 of bytes that stand `offset` places after a multiple of three, whatever is around them. */
function within(bytes: Buffer, offset: number): string {
  const base64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return base64.slice(Math.ceil((8 * offset) / 6), Math.floor((8 * (offset + bytes.length)) / 6));
}
