/** The credentials of workloads in the cluster: those of the server, and the pull secrets that they bring along. */
import { LRUCache } from 'lru-cache';
import type { WorkloadCredentials } from '../../../judge/cluster-context.ts';
import type { CallerCredentials, ResolvedCredentials } from '../../../resolve/credentials/credentials.ts';
import type { PullSecret } from '../../../resolve/credentials/pull-secrets.ts';
import type { Warning } from '../../../resolve/warning.ts';
import { clean } from '../../../util/text/text.ts';
import type { KubernetesErrorCode } from '../../kubernetes/api.ts';
import { type ReadSecrets, type SecretNames, type Secrets, sizeOf, type Unread } from './secrets.ts';

export interface ClusterCredentialsOptions {
  /** null: `credentials.pullSecrets` is off. */
  readonly secrets: Pick<Secrets, 'read'> | null;
  /** As `credentialsFrom` makes it of the server's own. */
  readonly resolve: (caller: CallerCredentials) => ResolvedCredentials;
}

export interface KnownCredentials {
  readonly credentials: WorkloadCredentials;
  /** Names of the pull secrets that count, its service account's included; those that are not there, too. */
  readonly names: readonly string[];
  /** Those of them that are not there. */
  readonly absent: readonly string[];
  /** Why not all that it may log in with is known; null: all is. */
  readonly unread: string | null;
  /** What a person should know of its secrets, a line each. */
  readonly warnings: readonly string[];
}

// Sets of secrets; most namespaces have one or two.
const maxSets = 2_000;
// Characters of secrets and names in all these sets: one secret may be in many of them, each time taken apart anew.
const maxSize = 4 * 2 ** 20;
const maxWarnings = 8;

export class ClusterCredentials {
  readonly #secrets: ClusterCredentialsOptions['secrets'];
  readonly #resolve: ClusterCredentialsOptions['resolve'];
  readonly #none: KnownCredentials;
  readonly #known = new LRUCache<string, Made>({
    max: maxSets,
    maxSize,
    sizeCalculation: ({ secrets }, key) => secrets.reduce((sum, secret) => sum + sizeOf(secret), key.length),
  });

  constructor({ secrets, resolve }: ClusterCredentialsOptions) {
    this.#secrets = secrets;
    this.#resolve = resolve;
    this.#none = { credentials: resolve({}), names: [], absent: [], unread: null, warnings: [] };
  }

  /** No promise where all is at hand. Never rejects but for a programming error. */
  of(names: SecretNames): KnownCredentials | Promise<KnownCredentials> {
    if (this.#secrets === null) return this.#none;
    if (names.pullSecrets.length === 0 && names.serviceAccount === null) return this.#none;
    const read = this.#secrets.read(names);
    return read instanceof Promise ? read.then((done) => this.#from(names, done)) : this.#from(names, read);
  }

  /** What there is when its own could not be read in time. */
  late({ pullSecrets: [secret], serviceAccount }: SecretNames): KnownCredentials {
    const [kind, name] =
      secret === undefined
        ? (['service account', serviceAccount ?? ''] as const)
        : (['pull secret', secret] as const);
    return this.#make({ secrets: [], absent: [], unread: [{ kind, name, code: 'Timeout' }] });
  }

  #from({ namespace }: SecretNames, read: ReadSecrets): KnownCredentials {
    if (isNothing(read)) return this.#none;
    const key = JSON.stringify([namespace, read.secrets.map(({ name }) => name), read.absent, read.unread]);
    const before = this.#known.get(key);
    if (before && sameObjects(before.secrets, read.secrets)) return before.known;
    const known = this.#make(read);
    this.#known.set(key, { secrets: read.secrets, known });
    return known;
  }

  #make({ secrets, absent, unread }: ReadSecrets): KnownCredentials {
    const credentials = this.#resolve({ pullSecrets: secrets });
    const isTooLarge = ({ code }: Warning): boolean => code === 'PullSecretsTooLarge';
    const unknown = [
      ...unread.map(unreadWords),
      ...credentials.warnings.filter(isTooLarge).map(({ message }) => message),
    ];
    const warnings = [
      ...unknown.map((words) => `${words}: what is refused without it counts as unknown`),
      ...credentials.warnings.filter((each) => !isTooLarge(each)).map(({ message }) => message),
    ];
    const shown = warnings.slice(0, maxWarnings);
    if (warnings.length > shown.length)
      shown.push(`and ${warnings.length - shown.length} more such warnings`);
    return {
      credentials,
      names: [...secrets.map(({ name }) => name), ...absent],
      absent,
      unread: unknown[0] ?? null,
      warnings: shown,
    };
  }
}

interface Made {
  readonly secrets: readonly PullSecret[];
  readonly known: KnownCredentials;
}

function isNothing({ secrets, absent, unread }: ReadSecrets): boolean {
  return secrets.length + absent.length + unread.length === 0;
}

function sameObjects(before: readonly PullSecret[], after: readonly PullSecret[]): boolean {
  return before.length === after.length && before.every((secret, index) => secret === after[index]);
}

function unreadWords({ kind, name, code }: Unread): string {
  return `${kind} "${clean(name, 63)}" could not be read (${whyWords(code)})`;
}

function whyWords(code: KubernetesErrorCode): string {
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
