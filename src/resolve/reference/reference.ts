/** Normalised image reference, which only `parse.ts` and tests create. */
import type { Digest } from './digest.ts';

/** Parts of `docker.io/library/nginx:1.27@sha256:…`. A tag or a digest is always present, because `latest` is the default. */
export interface Reference {
  /** Registry that the image names, `host` or `host:port`; `docker.io` for Docker Hub. */
  readonly domain: string;
  /** Repository: `library/nginx`. */
  readonly path: string;
  /** Tag; it may be present beside a digest, which then decides. null if there is none. */
  readonly tag: string | null;
  readonly digest: Digest | null;
  /** The name as written if it names no registry, because CRI-O resolves such names by its own configuration. */
  readonly shortName?: string;
}
