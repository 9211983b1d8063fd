/** Pull secrets and service accounts, asked for one by one and kept in memory for a while. They are never listed, watched, stored or logged. */
import { type Fields, entry, fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { PullSecret } from '../../../resolve/credentials/pull-secrets.ts';
import { type KubernetesApi, KubernetesError, type KubernetesErrorCode } from '../../kubernetes/api.ts';
import { pathOf, secrets, serviceAccounts } from '../../kubernetes/resource.ts';
import { isDnsName } from './dns-name.ts';
import { LookupCache, type LookupOutcome } from './lookup-cache.ts';

export interface SecretsOptions {
  readonly api: Pick<KubernetesApi, 'request'>;
  /** `credentials.secretTTL`, milliseconds. */
  readonly ttlMs: number;
  /** For one question, milliseconds: well below the deadline of admission. */
  readonly timeoutMs?: number;
  readonly clock?: () => number;
}

/** What a workload names to log in with. */
export interface SecretNames {
  readonly namespace: string;
  /** Its own, in its order. */
  readonly pullSecrets: readonly string[];
  /** Whose secrets count where it names none; null: nobody's. */
  readonly serviceAccount: string | null;
}

/** Something that could not be read, or is not there. */
export interface Unread {
  readonly kind: 'pull secret' | 'service account';
  readonly name: string;
  readonly code: KubernetesErrorCode;
}

export interface ReadSecrets {
  /** In the order of the names. The objects stay the same while their content does. */
  readonly secrets: readonly PullSecret[];
  /** Names of those that are not there: the kubelet goes on without them. */
  readonly absent: readonly string[];
  /** Nobody knows what would be in them. */
  readonly unread: readonly Unread[];
}

// Beyond any real pod: each is a question to the API server.
const maxSecrets = 64;
const defaultTimeoutMs = 1_000;
const nothing: ReadSecrets = { secrets: [], absent: [], unread: [] };
const absent: LookupOutcome<never> = { kind: 'absent' };

export class Secrets {
  readonly #secrets: LookupCache<PullSecret>;
  readonly #accounts: LookupCache<readonly string[]>;

  constructor({ api, ttlMs, timeoutMs = defaultTimeoutMs, clock }: SecretsOptions) {
    const times = { ttlMs, ...(clock && { clock }) };
    const get = (path: string) => api.request({ path, timeoutMs });
    this.#secrets = new LookupCache<PullSecret>({
      ...times,
      fetch: async (key) => secretIn(await get(pathOf(secrets, placeIn(key)))),
      size: sizeOf,
      same: (before, after) => before.type === after.type && sameData(before, after),
    });
    this.#accounts = new LookupCache<readonly string[]>({
      ...times,
      fetch: async (key) => secretsOfAccount(await get(pathOf(serviceAccounts, placeIn(key)))),
      size: (names) => names.join().length,
      same: (before, after) => before.join() === after.join(),
    });
  }

  /** No promise where all is at hand. Never rejects but for a programming error. */
  read({ namespace, pullSecrets, serviceAccount }: SecretNames): ReadSecrets | Promise<ReadSecrets> {
    if (!isDnsName(namespace)) return nothing;
    if (pullSecrets.length > 0) return this.#named(namespace, pullSecrets);
    if (serviceAccount === null || !isDnsName(serviceAccount)) return nothing;
    const account = this.#accounts.get(`${namespace}/${serviceAccount}`);
    const go = (outcome: LookupOutcome<readonly string[]>) =>
      this.#ofAccount(namespace, serviceAccount, outcome);
    return account instanceof Promise ? account.then(go) : go(account);
  }

  #ofAccount(namespace: string, name: string, account: LookupOutcome<readonly string[]>) {
    switch (account.kind) {
      case 'found':
        return account.value.length === 0 ? nothing : this.#named(namespace, account.value);
      case 'absent':
        return nothing;
      case 'failed':
        return { ...nothing, unread: [{ kind: 'service account', name, code: account.code } as const] };
      default:
        return account satisfies never;
    }
  }

  #named(namespace: string, names: readonly string[]): ReadSecrets | Promise<ReadSecrets> {
    const asked = names.slice(0, maxSecrets);
    const outcomes = asked.map((name) =>
      isDnsName(name) ? this.#secrets.get(`${namespace}/${name}`) : absent,
    );
    const left = names[maxSecrets];
    const result = (known: readonly LookupOutcome<PullSecret>[]) => together(asked, known, left);
    return outcomes.some((outcome) => outcome instanceof Promise)
      ? Promise.all(outcomes.map((outcome) => Promise.resolve(outcome))).then(result)
      : result(outcomes as readonly LookupOutcome<PullSecret>[]);
  }
}

/** In characters. */
export function sizeOf({ data }: PullSecret): number {
  return Object.values(data).reduce((sum, value) => sum + value.length, 0);
}

/** `left`: the first of those that are not read at all, because there are too many. */
function together(
  names: readonly string[],
  outcomes: readonly LookupOutcome<PullSecret>[],
  left: string | undefined,
): ReadSecrets {
  const read = { secrets: [] as PullSecret[], absent: [] as string[], unread: [] as Unread[] };
  for (const [index, outcome] of outcomes.entries()) {
    const name = names[index] ?? '';
    if (outcome.kind === 'found') read.secrets.push(outcome.value);
    else if (outcome.kind === 'absent') read.absent.push(name);
    else read.unread.push({ kind: 'pull secret', name, code: outcome.code });
  }
  if (left !== undefined) read.unread.push({ kind: 'pull secret', name: left, code: 'TooManyRequests' });
  return read;
}

/** Neither part has a slash in it. */
function placeIn(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Only what concerns pulling is kept of it. Throws `KubernetesError` (`Malformed`). */
function secretIn(object: unknown): PullSecret {
  const { metadata, type, data } = fields(object);
  const name = text(fields(metadata)['name']);
  if (name === '') throw new KubernetesError('Malformed', 'a Secret without a name');
  const keys = ['.dockerconfigjson', '.dockercfg'].filter((key) => entry(data, key) !== undefined);
  return {
    name,
    type: text(type),
    data: Object.fromEntries(keys.map((key) => [key, decoded(fields(data), key)])),
  };
}

function decoded(data: Fields, key: string): string {
  return Buffer.from(text(data[key]), 'base64').toString('utf8');
}

function secretsOfAccount(object: unknown): readonly string[] {
  return items(fields(object)['imagePullSecrets'])
    .slice(0, maxSecrets + 1)
    .filter(isObject)
    .map(({ name }) => text(name))
    .filter((name) => name !== '');
}

function sameData({ data: before }: PullSecret, { data: after }: PullSecret): boolean {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].every((key) => before[key] === after[key]);
}
