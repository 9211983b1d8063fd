/** An image reference after normalisation; only `parse.ts` and tests make one. */
import type { Digest } from './digest.ts';

/** `docker.io/library/nginx:1.27@sha256:…` in parts. There is always a tag or a digest: `latest` is filled in. */
export interface Reference {
  /** Registry as the image names it, `docker.io` for Docker Hub; `host` or `host:port`. */
  readonly domain: string;
  /** Repository, `library/nginx`. */
  readonly path: string;
  /** Also present beside a digest, which decides then. */
  readonly tag: string | null;
  readonly digest: Digest | null;
  /** The name as written, if it names no registry: CRI-O resolves such names by its own configuration. */
  readonly shortName?: string;
}
