/** Digests: `algorithm:hex`, checked once at the edge. Rules of opencontainers/go-digest. */

declare const digestBrand: unique symbol;

/** A digest whose form, algorithm (sha256, sha512), length and lower-case hex have been checked. */
export type Digest = string & { readonly [digestBrand]: true };
