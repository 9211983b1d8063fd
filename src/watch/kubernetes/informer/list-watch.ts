/** Input of `list.ts` and `watch.ts`: the objects to read, and the cache to put them into. */
import type { KubernetesApi } from '../api.ts';
import type { ObjectCache } from './object-cache.ts';
import type { Resource } from '../resource.ts';

/** Part of the cache that listing and watching need. */
export type ObjectSink = Pick<ObjectCache<unknown>, 'put' | 'remove' | 'relist'>;

export interface ListWatch {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  /** Namespace; undefined for all namespaces. */
  readonly namespace: string | undefined;
  readonly selectors: {
    readonly labelSelector: string | undefined;
    readonly fieldSelector: string | undefined;
  };
  readonly signal: AbortSignal;
  readonly sink: ObjectSink;
  /** Called when the list is complete; changes after `version` follow. */
  onListed(version: string): void;
  /** Called when all changes up to `version` have been applied. */
  onVersion(version: string): void;
}
