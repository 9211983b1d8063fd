/** A manifest as read from an endpoint, verified against its digest. */
import type { Manifest } from '../../manifest/manifest.ts';
import type { Digest } from '../../reference/digest.ts';

export interface FetchedManifest {
  readonly digest: Digest;
  readonly manifest: Manifest;
  /** Length of the body in bytes. */
  readonly size: number;
}
