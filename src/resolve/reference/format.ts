/** Formatter of references, in full and in Docker's short form. */
import type { Reference } from './reference.ts';

/** Returns the name in full: `docker.io/library/nginx`. */
export function nameOf(reference: Reference): string {
  return reference.domain === '' ? reference.path : `${reference.domain}/${reference.path}`;
}

/** Returns the reference in full: `docker.io/library/nginx:1.27@sha256:…`. Parsing it gives the same reference. */
export function canonical(reference: Reference): string {
  return nameOf(reference) + suffix(reference);
}

/**
 * Returns the reference without Docker Hub's defaults: `nginx:1.27@sha256:…`. It is for display only: parsing the short form
 * of `docker.io/a.b/c` gives another reference.
 */
export function familiar(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/**
 * Returns the name without Docker Hub's defaults: `nginx` for `docker.io/library/nginx`, `team/app` for `docker.io/team/app`,
 * other names in full.
 */
export function familiarName(reference: Reference): string {
  if (reference.domain !== 'docker.io') return nameOf(reference);
  // The prefix library/ stays before a deeper path, as in familiarizeName.
  return reference.path.replace(/^library\/([^/]+)$/, '$1');
}

function suffix({ tag, digest }: Reference): string {
  return (tag === null ? '' : `:${tag}`) + (digest === null ? '' : `@${digest}`);
}
