/** Manifests by digest for one holder of credentials and one mirror list: what was read once need not be read again, only found. */
import { LRUCache } from 'lru-cache';
import type { Manifest } from '../manifest/manifest.ts';
import type { Digest } from '../reference/digest.ts';

export interface ManifestStore {
  get(digest: Digest): Manifest | undefined;
  set(digest: Digest, manifest: Manifest): void;
}

// Images in use that are checked again and again; a manifest of a hundred layers takes some 30 KiB.
const maxManifests = 1_000;

export class ManifestStores {
  readonly #manifests = new LRUCache<string, Manifest>({ max: maxManifests });

  /** The part of one holder: what one may read tells nothing to another. */
  of(list: string, repository: string, credentials: string): ManifestStore {
    const key = (digest: Digest): string => JSON.stringify([list, repository, credentials, digest]);
    return {
      get: (digest) => this.#manifests.get(key(digest)),
      set: (digest, manifest) => void this.#manifests.set(key(digest), manifest),
    };
  }
}
