/** Checks of `challenge.json`: what `WWW-Authenticate` offers. */
import {
  byPreference,
  type Challenge,
  parseChallenges,
} from '../../../src/resolve/registry/auth/challenge.ts';
import { type Case, equal, type Runner } from '../runner.ts';

interface Vector extends Case {
  readonly headers: readonly string[];
}

export const runner: Runner = {
  challenge(vector: Vector) {
    const offered = vector.headers.map((line) => parseChallenges([line]));
    // containerd reads one challenge of a line and keeps the schemes it knows, in its own order.
    const challenges =
      vector.dialect === 'containerd'
        ? byPreference(offered.flatMap((ofLine) => ofLine.slice(0, 1)))
        : offered.flat();
    return equal(vector.want, challenges.map(plain));
  },
};

function plain({ scheme, params }: Challenge) {
  return { scheme, params: Object.fromEntries(params) };
}
