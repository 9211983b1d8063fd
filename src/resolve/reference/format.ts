/** `Reference` → text, in full and as people write it. */
import type { Reference } from './reference.ts';

/** `docker.io/library/nginx` */
export function nameOf(reference: Reference): string {
  return reference.domain === '' ? reference.path : `${reference.domain}/${reference.path}`;
}

/** `docker.io/library/nginx:1.27@sha256:…`; reads back as the same reference. */
export function canonical(reference: Reference): string {
  return nameOf(reference) + suffix(reference);
}

/** `nginx:1.27@sha256:…`: without what Docker Hub's defaults add. To be shown only: `docker.io/a.b/c` does not read back. */
export function familiar(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** `nginx` for `docker.io/library/nginx`, `team/app` for `docker.io/team/app`, others in full. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== 'docker.io') return nameOf(reference);
  // A deeper path below library/ keeps it, as familiarizeName does.
  return reference.path.replace(/^library\/([^/]+)$/, '$1');
}

function suffix({ tag, digest }: Reference): string {
  return (tag === null ? '' : `:${tag}`) + (digest === null ? '' : `@${digest}`);
}
