/** Registries where nodes log in with an identity of their cloud, which Pratique lacks. */
import { matchesGlob } from '../../util/text/glob.ts';

/** Returns a predicate on hosts (`host:port`) that match one of `globs` (`credentials.nodeIdentity`). */
export function nodeIdentity(globs: readonly string[]): (host: string) => boolean {
  return (host) => globs.some((glob) => matchesGlob(glob, host));
}
