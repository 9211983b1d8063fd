/** An image reference after normalisation; made by `parse.ts`, never by hand outside of tests. */
import type { Digest } from './digest.ts';

/** `docker.io/library/nginx:1.27@sha256:…`, taken apart. A reference with neither tag nor digest does not exist: `latest` is filled in. */
export interface Reference {
  /** Registry as the image names it, `docker.io` for Docker Hub; `host` or `host:port`. */
  readonly domain: string;
  /** Repository, `library/nginx`. */
  readonly path: string;
  /** Kept beside a digest, although the digest decides. */
  readonly tag: string | null;
  readonly digest: Digest | null;
}
