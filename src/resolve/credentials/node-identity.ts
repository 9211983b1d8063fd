/** Registries whose credentials only the nodes have (rule 4, `NodeCredentials`). */
import { matchesGlob } from '../../util/text/glob.ts';
import { nameOf } from '../reference/format.ts';
import type { Reference } from '../reference/reference.ts';
import type { CredentialProviders } from './credentials.ts';

/** Does a 401 or 403 from `host` mean that Pratique lacks the nodes' identity? `globs` are `credentials.nodeIdentity`. */
export function nodeIdentity(
  globs: readonly string[],
  execProviders: CredentialProviders | null,
): (host: string, reference: Reference) => boolean {
  return (host, reference) =>
    globs.some((glob) => matchesGlob(glob, host)) && !execProviders?.covers(nameOf(reference));
}
