/** Sources from which CRI-O pulls a reference by an entry of registries.conf (sysregistriesv2 `PullSourcesFromReference`). */
import { InvalidReference } from '../../../reference/error.ts';
import { canonical, nameOf } from '../../../reference/format.ts';
import { parseNormalised } from '../../../reference/normalise.ts';
import type { Reference } from '../../../reference/reference.ts';
import type { Location, MirrorEntry, RegistryEntry } from './entry.ts';
import { findEntry, matchPrefix } from './prefix.ts';

export interface PullSource {
  readonly at: Location;
  readonly isMirror: boolean;
  /** Reference that CRI-O requests from this source. */
  readonly reference: Reference;
  /** Entry that forbids contacting the source; null if none does. */
  readonly blockedBy: RegistryEntry | null;
  /** Reason for which the mirror does not serve this kind of reference; null if it does. */
  readonly unsuited: 'digest-only' | 'tag-only' | null;
}

/** Error for a rewrite that makes an invalid reference, so that the whole pull fails. */
export class RewriteFailed extends Error {
  override readonly name = 'RewriteFailed';
  readonly code = 'REWRITE_FAILED';
  readonly at: Location;
  constructor(at: Location, rewritten: string, options?: ErrorOptions) {
    super(`"${rewritten}" is not a valid reference`, options);
    this.at = at;
  }
}

/**
 * Returns the mirrors in order, then the registry itself. Mirrors that do not serve this kind of reference are marked. Throws
 * `RewriteFailed`.
 */
export function pullSources(
  entries: readonly RegistryEntry[],
  entry: RegistryEntry,
  reference: Reference,
): readonly PullSource[] {
  const isDigest = reference.digest !== null;
  const mirrors = entry.mirrors.map((at) => ({
    at,
    isMirror: true,
    unsuited: unsuited(entry, at, isDigest),
  }));
  return [...mirrors, { at: entry, isMirror: false, unsuited: null }].flatMap((source) => {
    const rewritten = rewriteOr(source, reference, entry.prefix);
    return rewritten ? [{ ...source, reference: rewritten, blockedBy: blocking(entries, rewritten) }] : [];
  });
}

/** Rewrites the reference. An error for a mirror that CRI-O skips does not make the pull fail. */
function rewriteOr(
  source: Pick<PullSource, 'at' | 'unsuited'>,
  reference: Reference,
  prefix: string,
): Reference | null {
  try {
    return rewrite(source.at, reference, prefix);
  } catch (error) {
    if (source.unsuited !== null && error instanceof RewriteFailed) return null;
    throw error;
  }
}

/** Returns `reference` with `prefix` replaced by the location; an empty location changes nothing. Throws `RewriteFailed`. */
export function rewrite(at: Location, reference: Reference, prefix: string): Reference {
  const text = canonical(reference);
  const covered = matchPrefix(text, prefix);
  if (covered < 0) throw new RewriteFailed(at, text);
  if (at.location === '') return reference;
  const rewritten = at.location + text.slice(covered);
  const parsed = parseOr(rewritten, at);
  // CRI-O does not add Docker Hub's defaults here, so docker.io/nginx is invalid (ParseNamed).
  if (canonical(parsed) !== rewritten) throw new RewriteFailed(at, rewritten);
  return parsed;
}

function parseOr(text: string, at: Location): Reference {
  try {
    return parseNormalised(text);
  } catch (cause) {
    if (cause instanceof InvalidReference) throw new RewriteFailed(at, text, { cause });
    throw cause;
  }
}

/**
 * Returns the entry that blocks the rewritten address: the client looks that address up again, without tag and digest. Returns
 * null if no entry blocks it.
 */
function blocking(entries: readonly RegistryEntry[], reference: Reference): RegistryEntry | null {
  const entry = findEntry(entries, nameOf(reference));
  return entry?.blocked ? entry : null;
}

function unsuited(entry: RegistryEntry, mirror: MirrorEntry, isDigest: boolean): PullSource['unsuited'] {
  const only = entry.mirrorByDigestOnly ? 'digest-only' : mirror.pullFromMirror;
  if (only === 'digest-only' && !isDigest) return only;
  return only === 'tag-only' && isDigest ? only : null;
}
