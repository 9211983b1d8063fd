/** digest.json: `Parse` and `FromString` of go-digest. */
import {
  algorithmOf,
  type DigestAlgorithm,
  digestOf,
  encodedOf,
  InvalidDigest,
  parseDigest,
} from '../../../src/resolve/reference/digest.ts';
import { type Case, equal, type Outcome, type Runner } from '../runner.ts';

export const runner: Runner = {
  Parse: (vector: Case & { input: string }): Outcome => {
    const want = vector.error === undefined ? vector.want : { error: vector.error };
    return equal(want, parsed(vector.input));
  },
  FromString: (vector: Case & { input: string; algorithm: DigestAlgorithm }): Outcome =>
    equal(vector.want, digestOf(vector.algorithm, Buffer.from(vector.input, 'utf8'))),
};

function parsed(input: string): unknown {
  try {
    const digest = parseDigest(input);
    return { algorithm: algorithmOf(digest), encoded: encodedOf(digest) };
  } catch (error) {
    if (!(error instanceof InvalidDigest)) throw error;
    return { error: upstreamName[error.code] };
  }
}

const upstreamName = {
  Format: 'ErrDigestInvalidFormat',
  Length: 'ErrDigestInvalidLength',
  Unsupported: 'ErrDigestUnsupported',
} as const satisfies Record<InvalidDigest['code'], string>;
