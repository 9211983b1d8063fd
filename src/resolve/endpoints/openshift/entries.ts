/**
 * Converter of mirror resources to the entries of registries.conf that OpenShift writes to its nodes (runtime-utils
 * `EditRegistriesConfig`).
 */
import { DocumentError } from '../../../document/document-error.ts';
import { byPrefix } from '../crio/registries-conf/conf-file.ts';
import type { MirrorEntry, PullFromMirror, RegistryEntry } from '../crio/registries-conf/entry.ts';
import type { ConfigSource } from '../endpoint.ts';
import { type MergedSet, type MirrorResources, mergeMirrorSets, type Written } from './mirror-set.ts';
import { isNested } from './scope.ts';

interface EntryDraft {
  readonly scope: string;
  readonly source: ConfigSource;
  insecure: boolean;
  blocked: boolean;
  mirrors: readonly MirrorEntry[];
}

/** Returns the entries. Throws `DocumentError`. */
export function registryEntries(resources: MirrorResources): readonly RegistryEntry[] {
  const drafts = new Map<string, EntryDraft>();
  const digestSets = mergeMirrorSets(resources.digestSets);
  const tagSets = mergeMirrorSets(resources.tagSets);
  for (const set of digestSets) addMirrors(draftOf(set.source, drafts), set, 'digest-only');
  for (const set of tagSets) addMirrors(draftOf(set.source, drafts), set, 'tag-only');
  // Blocked scopes must exist before insecure ones are applied, so that they can be marked insecure too.
  for (const scope of resources.blocked) draftOf(scope, drafts);
  for (const scope of resources.insecure) markInsecure(scope, drafts);
  for (const scope of resources.blocked) markBlocked(scope, drafts);
  for (const set of [...digestSets, ...tagSets]) inherit(set.source.text, drafts);
  return [...drafts.values()].map(entryOf).sort(byPrefix);
}

function draftOf({ text, at }: Written, drafts: Map<string, EntryDraft>): EntryDraft {
  const draft = drafts.get(text) ?? { scope: text, source: at, insecure: false, blocked: false, mirrors: [] };
  drafts.set(text, draft);
  return draft;
}

function addMirrors(draft: EntryDraft, set: MergedSet, pullFromMirror: PullFromMirror): void {
  draft.blocked ||= set.neverContactSource;
  const added = set.mirrors.map(({ text, at }) => ({
    location: text,
    insecure: false,
    pullFromMirror,
    source: at,
  }));
  draft.mirrors = [...draft.mirrors, ...added];
}

/** Marks the scope and all entries within it, because only the most specific entry applies on the node. */
function markInsecure(scope: Written, drafts: Map<string, EntryDraft>): void {
  draftOf(scope, drafts);
  for (const draft of drafts.values()) {
    draft.insecure ||= isNested(draft.scope, scope.text);
    draft.mirrors = draft.mirrors.map((mirror) => ({
      ...mirror,
      insecure: mirror.insecure || isNested(mirror.location, scope.text),
    }));
  }
}

function markBlocked(scope: Written, drafts: ReadonlyMap<string, EntryDraft>): void {
  for (const draft of drafts.values()) draft.blocked ||= isNested(draft.scope, scope.text);
}

/**
 * Copies the mirrors of `source` to scopes within it that have no mirrors. The first source in order takes precedence, not the
 * closest one.
 */
function inherit(source: string, drafts: ReadonlyMap<string, EntryDraft>): void {
  const mirrors = drafts.get(source)?.mirrors ?? [];
  for (const draft of drafts.values()) {
    if (draft.scope === source || draft.mirrors.length > 0 || !isNested(draft.scope, source)) continue;
    draft.mirrors = adjustMirrors(source, draft.scope, mirrors);
  }
}

/** Returns the mirrors of `source` in the form that `inner`, a scope within it, needs. Throws `DocumentError`. */
export function adjustMirrors(
  source: string,
  inner: string,
  mirrors: readonly MirrorEntry[],
): readonly MirrorEntry[] {
  if (source.startsWith('*.') || !isNested(inner, source)) {
    throw new DocumentError(
      'INVALID',
      `the mirrors of ${source} cannot be applied to ${inner}, which has an entry of its own; give it mirrors`,
    );
  }
  return mirrors.map((mirror) => ({ ...mirror, location: mirror.location + inner.slice(source.length) }));
}

function entryOf({ scope, insecure, blocked, mirrors, source }: EntryDraft): RegistryEntry {
  const location = scope.startsWith('*.') ? '' : scope;
  return { prefix: scope, location, insecure, blocked, mirrorByDigestOnly: false, mirrors, source };
}
