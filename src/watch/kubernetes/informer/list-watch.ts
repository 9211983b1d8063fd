/** What `pages.ts` and `follow.ts` share: whose objects they bring, and to whom. */
import type { KubernetesApi } from '../api.ts';
import type { ObjectCache } from './object-cache.ts';
import type { Resource } from '../resource.ts';

/** As little of the cache as bringing objects takes. */
export type Sink = Pick<ObjectCache<unknown>, 'put' | 'remove' | 'relist'>;

export interface ListWatch {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  /** undefined: all of them. */
  readonly namespace: string | undefined;
  readonly selectors: {
    readonly labelSelector: string | undefined;
    readonly fieldSelector: string | undefined;
  };
  readonly signal: AbortSignal;
  readonly sink: Sink;
  /** A full list is in; changes after `version` are still to come. */
  listed(version: string): void;
  /** All changes up to `version` are in. */
  reached(version: string): void;
}
