/** docker-config.json: pull secrets as the kubelet reads them. */
import { decodeAuth, decodeEntry, type DockerEntry } from '../../../src/resolve/credentials/docker-config.ts';
import { isDefaultRegistry, keyring } from '../../../src/resolve/credentials/keyring.ts';
import { pullSecretEntries } from '../../../src/resolve/credentials/pull-secrets.ts';
import { parseUrlPattern } from '../../../src/resolve/credentials/url-match.ts';
import { type Case, equal, equalOrThrow, type Outcome, type Runner } from '../runner.ts';

interface Lookup extends Case {
  readonly secrets?: readonly { readonly type: string; readonly data?: Readonly<Record<string, string>> }[];
  readonly nodeCredentials?: readonly object[];
  readonly image: string;
}

export const runner: Runner = {
  urlMatch: (vector: Case & { glob: string; target: string; invalid?: boolean }): Outcome => {
    const pattern = parseUrlPattern(vector.glob);
    const got = { match: pattern?.(vector.target) ?? false, invalid: pattern === null };
    return equal({ match: vector.want, invalid: vector.invalid ?? false }, got);
  },
  isDefaultRegistry: (vector: Case & { image: string }): Outcome =>
    equal(vector.want, isDefaultRegistry(vector.image)),
  decodeAuth: (vector: Case & { auth: string }): Outcome =>
    equalOrThrow(vector, () => decodeAuth(vector.auth)),
  decodeEntry: (vector: Case & { entry: string }): Outcome =>
    equalOrThrow(vector, () => shown(decodeEntry(JSON.parse(vector.entry)))),
  lookup: (vector: Lookup): Outcome => {
    const secrets = (vector.secrets ?? []).map(({ type, data = {} }) => ({ name: '', type, data }));
    const found = keyring(pullSecretEntries(secrets).entries).lookup(vector.image).map(shown);
    return equal(vector.want ?? [], [...found, ...(vector.nodeCredentials ?? [])]);
  },
};

/** An entry in the form of the vectors, without an empty email. */
function shown({ username, password, email }: DockerEntry): object {
  return { username, password, ...(email === '' ? {} : { email }) };
}
