/**
 * Cache of manifests by digest, for one caller's credentials and one mirror list. A manifest that was read once is not read
 * again; a HEAD shows that it still exists.
 */
import { LRUCache } from 'lru-cache';
import type { Manifest } from '../manifest/manifest.ts';
import type { Digest } from '../reference/digest.ts';

export interface ManifestStore {
  get(digest: Digest): Manifest | undefined;
  set(digest: Digest, manifest: Manifest): void;
}

// 1000: images in use are checked repeatedly, and a manifest with a hundred layers takes about 30 KiB.
const maxManifests = 1_000;

export class ManifestStores {
  readonly #manifests = new LRUCache<string, Manifest>({ max: maxManifests });

  /** Returns the store for one list, repository and caller, because callers may not see each other's manifests. */
  of(list: string, repository: string, credentials: string): ManifestStore {
    const key = (digest: Digest): string => JSON.stringify([list, repository, credentials, digest]);
    return {
      get: (digest) => this.#manifests.get(key(digest)),
      set: (digest, manifest) => void this.#manifests.set(key(digest), manifest),
    };
  }
}
