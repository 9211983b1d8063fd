/**
 * Reader of pull secrets and service accounts. It fetches each by name and caches it in memory for a limited
 * time; it never lists, watches, stores or logs them.
 */
import { type Fields, entry, fields, isObject, items, text } from '../../../util/unstructured.ts';
import type { PullSecret } from '../../../resolve/credentials/pull-secrets.ts';
import { type KubernetesApi, KubernetesError, type KubernetesErrorCode } from '../../kubernetes/api.ts';
import { isObjectName, pathOf, secrets, serviceAccounts } from '../../kubernetes/resource.ts';
import { LookupCache, type LookupResult } from './lookup-cache.ts';

export interface SecretReaderOptions {
  readonly api: Pick<KubernetesApi, 'request'>;
  /** Value of `credentials.secretTTL` in milliseconds. */
  readonly ttlMs: number;
  /** Limit of one request in milliseconds, well below the admission deadline. */
  readonly timeoutMs?: number;
  readonly clock?: () => number;
}

/** Namespace, pull secrets and service account that provide a workload's credentials. */
export interface CredentialSource {
  readonly namespace: string;
  /** Names in the workload's own imagePullSecrets, in their order. */
  readonly pullSecrets: readonly string[];
  /**
   * Service account whose secrets are used if the workload names none; null if there is no service account.
   */
  readonly serviceAccount: string | null;
}

/** Object that could not be read. */
export interface UnreadableObject {
  readonly kind: 'pull secret' | 'service account';
  readonly name: string;
  readonly code: KubernetesErrorCode;
}

export interface ReadSecrets {
  /** Secrets in the order of the names. An unchanged secret remains the same object. */
  readonly secrets: readonly PullSecret[];
  /** Names of secrets that do not exist; the kubelet continues without them. */
  readonly absent: readonly string[];
  /** Secrets whose content is unknown. */
  readonly unreadable: readonly UnreadableObject[];
}

// Limit of secrets, beyond any real pod, because each one is a request to the API server.
const maxSecrets = 64;
const defaultTimeoutMs = 1_000;
const noSecrets: ReadSecrets = { secrets: [], absent: [], unreadable: [] };
const absent: LookupResult<never> = { kind: 'absent' };

export class SecretReader {
  readonly #secrets: LookupCache<PullSecret>;
  readonly #accounts: LookupCache<readonly string[]>;

  constructor({ api, ttlMs, timeoutMs = defaultTimeoutMs, clock }: SecretReaderOptions) {
    const times = { ttlMs, ...(clock && { clock }) };
    const get = (path: string) => api.request({ path, timeoutMs });
    this.#secrets = new LookupCache<PullSecret>({
      ...times,
      fetch: async (key) => projectSecret(await get(pathOf(secrets, splitKey(key)))),
      size: secretSize,
      isEqual: (before, after) => before.type === after.type && hasSameData(before, after),
    });
    this.#accounts = new LookupCache<readonly string[]>({
      ...times,
      fetch: async (key) => secretNamesOfServiceAccount(await get(pathOf(serviceAccounts, splitKey(key)))),
      size: (names) => names.join().length,
      isEqual: (before, after) => before.join() === after.join(),
    });
  }

  /** Returns a promise only if an object must be fetched. Rejects only for programming errors. */
  read({ namespace, pullSecrets, serviceAccount }: CredentialSource): ReadSecrets | Promise<ReadSecrets> {
    if (!isObjectName(namespace)) return noSecrets;
    if (pullSecrets.length > 0) return this.#readSecrets(namespace, pullSecrets);
    if (serviceAccount === null || !isObjectName(serviceAccount)) return noSecrets;
    const account = this.#accounts.get(`${namespace}/${serviceAccount}`);
    const continueWith = (lookup: LookupResult<readonly string[]>) =>
      this.#readForServiceAccount(namespace, serviceAccount, lookup);
    return account instanceof Promise ? account.then(continueWith) : continueWith(account);
  }

  #readForServiceAccount(namespace: string, name: string, account: LookupResult<readonly string[]>) {
    switch (account.kind) {
      case 'found':
        return account.value.length === 0 ? noSecrets : this.#readSecrets(namespace, account.value);
      case 'absent':
        return noSecrets;
      case 'failed':
        return { ...noSecrets, unreadable: [{ kind: 'service account', name, code: account.code } as const] };
      default:
        return account satisfies never;
    }
  }

  #readSecrets(namespace: string, names: readonly string[]): ReadSecrets | Promise<ReadSecrets> {
    const requested = names.slice(0, maxSecrets);
    const lookups = requested.map((name) =>
      isObjectName(name) ? this.#secrets.get(`${namespace}/${name}`) : absent,
    );
    const left = names[maxSecrets];
    const result = (lookups: readonly LookupResult<PullSecret>[]) => collect(requested, lookups, left);
    return lookups.some((lookup) => lookup instanceof Promise)
      ? Promise.all(lookups.map((lookup) => Promise.resolve(lookup))).then(result)
      : result(lookups as readonly LookupResult<PullSecret>[]);
  }
}

/** Returns the size in characters. */
export function secretSize({ data }: PullSecret): number {
  return Object.values(data).reduce((sum, value) => sum + value.length, 0);
}

/** Sorts the lookups by result. `left` is the first name beyond the limit, which is not read. */
function collect(
  names: readonly string[],
  lookups: readonly LookupResult<PullSecret>[],
  left: string | undefined,
): ReadSecrets {
  const read = { secrets: [] as PullSecret[], absent: [] as string[], unreadable: [] as UnreadableObject[] };
  for (const [index, lookup] of lookups.entries()) {
    const name = names[index] ?? '';
    if (lookup.kind === 'found') read.secrets.push(lookup.value);
    else if (lookup.kind === 'absent') read.absent.push(name);
    else read.unreadable.push({ kind: 'pull secret', name, code: lookup.code });
  }
  if (left !== undefined) read.unreadable.push({ kind: 'pull secret', name: left, code: 'TooManyRequests' });
  return read;
}

/** Splits `namespace/name`; neither part contains a slash. */
function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Keeps only the fields that are needed for pulling. Throws `KubernetesError` (`Malformed`). */
function projectSecret(object: unknown): PullSecret {
  const { metadata, type, data } = fields(object);
  const { name: rawName, namespace } = fields(metadata);
  const name = text(rawName);
  if (name === '') throw new KubernetesError('Malformed', 'a Secret without a name');
  const keys = ['.dockerconfigjson', '.dockercfg'].filter((key) => entry(data, key) !== undefined);
  return {
    name,
    namespace: text(namespace),
    type: text(type),
    data: Object.fromEntries(keys.map((key) => [key, decodeValue(fields(data), key)])),
  };
}

function decodeValue(data: Fields, key: string): string {
  return Buffer.from(text(data[key]), 'base64').toString('utf8');
}

function secretNamesOfServiceAccount(object: unknown): readonly string[] {
  return items(fields(object)['imagePullSecrets'])
    .slice(0, maxSecrets + 1)
    .filter(isObject)
    .map(({ name }) => text(name))
    .filter((name) => name !== '');
}

function hasSameData({ data }: PullSecret, { data: after }: PullSecret): boolean {
  const keys = new Set([...Object.keys(data), ...Object.keys(after)]);
  return [...keys].every((key) => data[key] === after[key]);
}
