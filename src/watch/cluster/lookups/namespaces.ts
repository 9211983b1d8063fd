/** Labels of a namespace from the watch. A namespace that the watch has not shown yet is fetched once. */
import { entry, fields } from '../../../util/unstructured.ts';
import type { KubernetesApi } from '../../kubernetes/api.ts';
import { isObjectName, namespaces, pathOf } from '../../kubernetes/resource.ts';
import type { StoreView } from '../../kubernetes/informer/store.ts';
import { LookupCache, type LookupResult } from './lookup-cache.ts';

export type NamespaceLabels = Readonly<Record<string, string>>;

export interface NamespaceReaderOptions {
  readonly api: Pick<KubernetesApi, 'request'>;
  readonly store: Pick<StoreView<NamespaceLabels>, 'get'>;
  readonly clock?: () => number;
}

/** Labels, or a failure. A namespace that does not exist has no labels. */
export type LabelLookup = Extract<LookupResult<NamespaceLabels>, { kind: 'found' | 'failed' }>;

// TTL of a fetched namespace, after which the watch has shown it.
const fetchedTTLMs = 30_000;
const timeoutMs = 1_000;
const noLabels: LabelLookup = { kind: 'found', value: Object.freeze({}) };

export class NamespaceReader {
  readonly #store: NamespaceReaderOptions['store'];
  readonly #fetched: LookupCache<NamespaceLabels>;

  constructor({ api, store, clock }: NamespaceReaderOptions) {
    this.#store = store;
    this.#fetched = new LookupCache<NamespaceLabels>({
      fetch: async (name) =>
        pratiqueLabels(await api.request({ path: pathOf(namespaces, { name }), timeoutMs })),
      ttlMs: fetchedTTLMs,
      ...(clock && { clock }),
    });
  }

  labels(name: string): LabelLookup | Promise<LabelLookup> {
    const seen = this.#store.get(name);
    if (seen) return { kind: 'found', value: seen };
    if (!isObjectName(name)) return noLabels;
    const lookup = this.#fetched.get(name);
    return lookup instanceof Promise ? lookup.then(withoutAbsent) : withoutAbsent(lookup);
  }
}

function withoutAbsent(outcome: LookupResult<NamespaceLabels>): LabelLookup {
  return outcome.kind === 'absent' ? noLabels : outcome;
}

// Prefix of the labels that are kept: Pratique reads only its own, and a namespace may have hundreds of
// others.
const prefix = 'pratique.dev/';

/** Returns the namespace's labels that start with `pratique.dev/`. */
export function pratiqueLabels(object: unknown): NamespaceLabels {
  const labels = fields(fields(fields(object)['metadata'])['labels']);
  const ownKeys = Object.keys(labels).filter((key) => key.startsWith(prefix));
  return Object.fromEntries(ownKeys.map((key) => [key, entry(labels, key) ?? '']));
}
