/** Places from which an entry of registries.conf has a reference pulled (sysregistriesv2 `PullSourcesFromReference`). */
import { InvalidReference } from '../../../reference/error.ts';
import { canonical, nameOf } from '../../../reference/format.ts';
import { parseNormalised } from '../../../reference/normalise.ts';
import type { Reference } from '../../../reference/reference.ts';
import type { Location, MirrorEntry, RegistryEntry } from './entry.ts';
import { findEntry, matchPrefix } from './prefix.ts';

export interface PullSource {
  readonly at: Location;
  readonly isMirror: boolean;
  /** The reference that is asked for there. */
  readonly reference: Reference;
  /** The entry that forbids contacting it; null if none does. */
  readonly blockedBy: RegistryEntry | null;
  /** Why this mirror is not for this kind of reference; null if it is. */
  readonly unsuited: 'digest-only' | 'tag-only' | null;
}

/** Rewriting makes an invalid reference, so the whole pull fails. */
export class RewriteFailed extends Error {
  override readonly name = 'RewriteFailed';
  readonly code = 'REWRITE_FAILED';
  readonly at: Location;
  constructor(at: Location, rewritten: string, options?: ErrorOptions) {
    super(`"${rewritten}" is not a valid reference`, options);
    this.at = at;
  }
}

/** Mirrors in order, the registry itself last; mirrors of the other kind are marked. Throws `RewriteFailed`. */
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

/** A mirror that is left out cannot make the pull fail. */
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

/** `reference` with `prefix` replaced by the location; an empty location leaves it. Throws `RewriteFailed`. */
export function rewrite(at: Location, reference: Reference, prefix: string): Reference {
  const text = canonical(reference);
  const covered = matchPrefix(text, prefix);
  if (covered < 0) throw new RewriteFailed(at, text);
  if (at.location === '') return reference;
  const rewritten = at.location + text.slice(covered);
  const parsed = parseOr(rewritten, at);
  // Docker Hub's defaults are not filled in here: docker.io/nginx is invalid (ParseNamed).
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

/** The entry by which the client refuses its own address, which it looks up again without tag and digest. */
function blocking(entries: readonly RegistryEntry[], reference: Reference): RegistryEntry | null {
  const entry = findEntry(entries, nameOf(reference));
  return entry?.blocked ? entry : null;
}

function unsuited(entry: RegistryEntry, mirror: MirrorEntry, isDigest: boolean): PullSource['unsuited'] {
  const only = entry.mirrorByDigestOnly ? 'digest-only' : mirror.pullFromMirror;
  if (only === 'digest-only' && !isDigest) return only;
  return only === 'tag-only' && isDigest ? only : null;
}
