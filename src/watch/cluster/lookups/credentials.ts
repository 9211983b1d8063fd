/** Credentials of workloads in the cluster: the server's own, and the workload's pull secrets. */
import { LRUCache } from 'lru-cache';
import type { WorkloadCredentials } from '../../../judge/cluster-context.ts';
import type { CallerCredentials, ResolvedCredentials } from '../../../resolve/credentials/credentials.ts';
import type { PullSecret } from '../../../resolve/credentials/pull-secrets.ts';
import type { Warning } from '../../../resolve/warning.ts';
import { clean } from '../../../util/text/text.ts';
import type { KubernetesErrorCode } from '../../kubernetes/api.ts';
import {
  type ReadSecrets,
  type CredentialSource,
  type SecretReader,
  secretSize,
  type UnreadableObject,
} from './secrets.ts';

export interface ClusterCredentialsOptions {
  /** null if `credentials.pullSecrets` is off. */
  readonly secrets: Pick<SecretReader, 'read'> | null;
  /** Combines pull secrets with the server's own credentials. */
  readonly resolve: (caller: CallerCredentials) => ResolvedCredentials;
}

export interface KnownCredentials {
  readonly credentials: WorkloadCredentials;
  /** Names of all pull secrets used, including those of the service account and missing ones. */
  readonly names: readonly string[];
  /** Names of the pull secrets that do not exist. */
  readonly absent: readonly string[];
  /** Reason why some of the credentials are unknown; null if all are known. */
  readonly unreadable: string | null;
  /** Warnings about the secrets for the user, one per line. */
  readonly warnings: readonly string[];
}

// Limit of cached sets of secrets; most namespaces have one or two.
const maxSets = 2_000;
// Limit of the characters of secrets and names in all sets, because one secret may be in many sets.
const maxSize = 4 * 2 ** 20;
const maxWarnings = 8;

export class ClusterCredentials {
  readonly #secrets: ClusterCredentialsOptions['secrets'];
  readonly #resolve: ClusterCredentialsOptions['resolve'];
  readonly #none: KnownCredentials;
  readonly #cache = new LRUCache<string, CachedCredentials>({
    max: maxSets,
    maxSize,
    sizeCalculation: ({ secrets }, key) =>
      secrets.reduce((sum, secret) => sum + secretSize(secret), key.length),
  });

  constructor({ secrets, resolve }: ClusterCredentialsOptions) {
    this.#secrets = secrets;
    this.#resolve = resolve;
    this.#none = { credentials: resolve({}), names: [], absent: [], unreadable: null, warnings: [] };
  }

  /** Returns a promise only if a secret must be read. Rejects only for programming errors. */
  for(names: CredentialSource): KnownCredentials | Promise<KnownCredentials> {
    if (this.#secrets === null) return this.#none;
    if (names.pullSecrets.length === 0 && names.serviceAccount === null) return this.#none;
    const secrets = this.#secrets.read(names);
    return secrets instanceof Promise
      ? secrets.then((done) => this.#cachedOrBuild(names, done))
      : this.#cachedOrBuild(names, secrets);
  }

  /** Returns the credentials to use when the secrets could not be read before the deadline. */
  onTimeout({ pullSecrets: [secret], serviceAccount }: CredentialSource): KnownCredentials {
    const [kind, name] =
      secret === undefined
        ? (['service account', serviceAccount ?? ''] as const)
        : (['pull secret', secret] as const);
    return this.#build({ secrets: [], absent: [], unreadable: [{ kind, name, code: 'Timeout' }] });
  }

  #cachedOrBuild({ namespace }: CredentialSource, secrets: ReadSecrets): KnownCredentials {
    if (isEmpty(secrets)) return this.#none;
    const key = JSON.stringify([
      namespace,
      secrets.secrets.map(({ name }) => name),
      secrets.absent,
      secrets.unreadable,
    ]);
    const before = this.#cache.get(key);
    if (before && areSameObjects(before.secrets, secrets.secrets)) return before.known;
    const known = this.#build(secrets);
    this.#cache.set(key, { secrets: secrets.secrets, known });
    return known;
  }

  #build({ secrets, absent, unreadable }: ReadSecrets): KnownCredentials {
    const credentials = this.#resolve({ pullSecrets: secrets });
    const isTooLarge = ({ code }: Warning): boolean => code === 'PullSecretsTooLarge';
    const unknown = [
      ...unreadable.map(formatUnreadable),
      ...credentials.warnings.filter(isTooLarge).map(({ message }) => message),
    ];
    const warnings = [
      ...unknown.map((text) => `${text}; refusals that it might have prevented are reported as unavailable`),
      ...credentials.warnings.filter((each) => !isTooLarge(each)).map(({ message }) => message),
    ];
    const shown = warnings.slice(0, maxWarnings);
    if (warnings.length > shown.length)
      shown.push(`and ${warnings.length - shown.length} more such warnings`);
    return {
      credentials,
      names: [...secrets.map(({ name }) => name), ...absent],
      absent,
      unreadable: unknown[0] ?? null,
      warnings: shown,
    };
  }
}

interface CachedCredentials {
  readonly secrets: readonly PullSecret[];
  readonly known: KnownCredentials;
}

function isEmpty({ secrets, absent, unreadable }: ReadSecrets): boolean {
  return secrets.length + absent.length + unreadable.length === 0;
}

function areSameObjects(before: readonly PullSecret[], after: readonly PullSecret[]): boolean {
  return before.length === after.length && before.every((secret, index) => secret === after[index]);
}

function formatUnreadable({ kind, name, code }: UnreadableObject): string {
  return `${kind} "${clean(name, 63)}" could not be read (${formatCause(code)})`;
}

function formatCause(code: KubernetesErrorCode): string {
  switch (code) {
    case 'Forbidden':
    case 'Unauthorized':
      return 'Pratique has no right to';
    case 'TooManyRequests':
      return 'too many at once';
    case 'Timeout':
    case 'Aborted':
      return 'the API server did not answer in time';
    case 'Unreachable':
      return 'the API server could not be reached';
    case 'Gone':
    case 'NotFound':
    case 'Conflict':
    case 'AlreadyExists':
    case 'Invalid':
    case 'NamespaceTerminating':
    case 'Malformed':
    case 'TooLarge':
    case 'Unusable':
    case 'Server':
      return `the API server answered with an error, ${code}`;
    default:
      return code satisfies never;
  }
}
