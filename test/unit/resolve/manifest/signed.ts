/** Schema 1 manifests signed as docker's registry signs them, and forged ones. */

interface Parts {
  /** Everything before `,"signatures"`. */
  readonly head: string;
  /** What follows `head` in the payload. */
  readonly tail: string;
  /** The list of signatures with one that says this of its format. */
  readonly signatures: (format: Readonly<Record<string, unknown>>) => string;
}

const asRegistriesDo = ({ head, tail, signatures }: Parts): string => {
  const format = { formatLength: Buffer.byteLength(head), formatTail: tail };
  return `${head},\n   "signatures": ${signatures(format)}\n}`;
};

/** The payload of `manifest`: what its digest is of. */
export function payloadOf(manifest: object): string {
  return JSON.stringify(manifest, null, 3);
}

/** `manifest` with a signature, put together by `write`. */
export function signed(manifest: object, write: (parts: Parts) => string = asRegistriesDo): string {
  const payload = payloadOf(manifest);
  const [head, tail] = [payload.slice(0, -2), payload.slice(-2)];
  return write({ head, tail, signatures: (format) => JSON.stringify([signature(format)]) });
}

/** A signature by nobody. */
export function signature(format: Readonly<Record<string, unknown>>): object {
  const { formatTail } = format;
  const written = typeof formatTail === 'string' ? { ...format, formatTail: base64url(formatTail) } : format;
  return {
    header: { jwk: { crv: 'P-256', kty: 'EC' }, alg: 'ES256' },
    signature: 'AAAA',
    protected: base64url(JSON.stringify({ ...written, time: '2016-01-01T00:00:00Z' })),
  };
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
