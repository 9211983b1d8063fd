/** The labels of a namespace: from the watch, and one that it has not shown yet is asked for once. */
import { entry, fields } from '../../../util/unstructured.ts';
import type { KubernetesApi } from '../../kubernetes/api.ts';
import { namespaces, pathOf } from '../../kubernetes/resource.ts';
import type { StoreView } from '../../kubernetes/informer/store.ts';
import { LookupCache, type LookupOutcome } from './lookup-cache.ts';
import { isDnsName } from './dns-name.ts';

export type Labels = Readonly<Record<string, string>>;

export interface NamespacesOptions {
  readonly api: Pick<KubernetesApi, 'request'>;
  readonly store: Pick<StoreView<Labels>, 'get'>;
  readonly clock?: () => number;
}

/** Labels, or that nobody knows them. A namespace that is not there has none. */
export type NamespaceLabels = Extract<LookupOutcome<Labels>, { kind: 'found' | 'failed' }>;

// By then the watch shows it.
const unseenMs = 30_000;
const timeoutMs = 1_000;
const none: NamespaceLabels = { kind: 'found', value: Object.freeze({}) };

export class Namespaces {
  readonly #store: NamespacesOptions['store'];
  readonly #unseen: LookupCache<Labels>;

  constructor({ api, store, clock }: NamespacesOptions) {
    this.#store = store;
    this.#unseen = new LookupCache<Labels>({
      fetch: async (name) => labelsOf(await api.request({ path: pathOf(namespaces, { name }), timeoutMs })),
      ttlMs: unseenMs,
      ...(clock && { clock }),
    });
  }

  labels(name: string): NamespaceLabels | Promise<NamespaceLabels> {
    const seen = this.#store.get(name);
    if (seen) return { kind: 'found', value: seen };
    if (!isDnsName(name)) return none;
    const asked = this.#unseen.get(name);
    return asked instanceof Promise ? asked.then(known) : known(asked);
  }
}

function known(outcome: LookupOutcome<Labels>): NamespaceLabels {
  return outcome.kind === 'absent' ? none : outcome;
}

// Pratique reads these of its own only; a namespace may have hundreds of others.
const prefix = 'pratique.dev/';

/** The labels of a Namespace that Pratique goes by. */
export function labelsOf(object: unknown): Labels {
  const labels = fields(fields(fields(object)['metadata'])['labels']);
  const own = Object.keys(labels).filter((key) => key.startsWith(prefix));
  return Object.fromEntries(own.map((key) => [key, entry(labels, key) ?? '']));
}
