/** Mirror resources → the entries of registries.conf that OpenShift writes to its nodes (runtime-utils `EditRegistriesConfig`). */
import { byPrefix } from '../crio/registries-conf/conf-file.ts';
import type { MirrorEntry, PullFromMirror, RegistryEntry } from '../crio/registries-conf/entry.ts';
import type { ConfigSource } from '../endpoint.ts';
import { InvalidSetting } from '../invalid-setting.ts';
import { type MirrorResources, type MirrorSet, mergeMirrorSets, type Written } from './mirror-set.ts';
import { isNested } from './scope.ts';

interface Draft {
  readonly scope: string;
  readonly source: ConfigSource;
  insecure: boolean;
  blocked: boolean;
  mirrors: readonly MirrorEntry[];
}

/** Throws `InvalidSetting`. */
export function registryEntries(resources: MirrorResources): readonly RegistryEntry[] {
  const drafts = new Map<string, Draft>();
  const digestSets = mergeMirrorSets(resources.digestSets);
  const tagSets = mergeMirrorSets(resources.tagSets);
  for (const set of digestSets) addMirrors(draftOf(set.source, drafts), set, 'digest-only');
  for (const set of tagSets) addMirrors(draftOf(set.source, drafts), set, 'tag-only');
  // Before the insecure ones, so that they can be marked insecure too.
  for (const scope of resources.blocked) draftOf(scope, drafts);
  for (const scope of resources.insecure) markInsecure(scope, drafts);
  for (const scope of resources.blocked) markBlocked(scope, drafts);
  for (const set of [...digestSets, ...tagSets]) inherit(set.source.text, drafts);
  return [...drafts.values()].map(entryOf).sort(byPrefix);
}

function draftOf({ text, at }: Written, drafts: Map<string, Draft>): Draft {
  const draft = drafts.get(text) ?? { scope: text, source: at, insecure: false, blocked: false, mirrors: [] };
  drafts.set(text, draft);
  return draft;
}

function addMirrors(draft: Draft, set: MirrorSet, pullFromMirror: PullFromMirror): void {
  draft.blocked ||= set.neverContactSource;
  const added = set.mirrors.map(({ text, at }) => ({
    location: text,
    insecure: false,
    pullFromMirror,
    source: at,
  }));
  draft.mirrors = [...draft.mirrors, ...added];
}

/** Only the most specific entry counts on the node, so that what holds for a scope is written to all within it. */
function markInsecure(scope: Written, drafts: Map<string, Draft>): void {
  draftOf(scope, drafts);
  for (const draft of drafts.values()) {
    draft.insecure ||= isNested(draft.scope, scope.text);
    draft.mirrors = draft.mirrors.map((mirror) => ({
      ...mirror,
      insecure: mirror.insecure || isNested(mirror.location, scope.text),
    }));
  }
}

function markBlocked(scope: Written, drafts: ReadonlyMap<string, Draft>): void {
  for (const draft of drafts.values()) draft.blocked ||= isNested(draft.scope, scope.text);
}

/** Scopes within `source` that have no mirrors get its own; the first source in order wins, not the closest. */
function inherit(source: string, drafts: ReadonlyMap<string, Draft>): void {
  const mirrors = drafts.get(source)?.mirrors ?? [];
  for (const draft of drafts.values()) {
    if (draft.scope === source || draft.mirrors.length > 0 || !isNested(draft.scope, source)) continue;
    draft.mirrors = adjustMirrors(source, draft.scope, mirrors);
  }
}

/** `mirrors` of `source` as they have to be written for `inner`, within it. Throws `InvalidSetting`. */
export function adjustMirrors(
  source: string,
  inner: string,
  mirrors: readonly MirrorEntry[],
): readonly MirrorEntry[] {
  if (source.startsWith('*.') || !isNested(inner, source)) {
    throw new InvalidSetting(
      `the mirrors of ${source} cannot be applied to ${inner}, which is set apart; give it mirrors of its own`,
    );
  }
  return mirrors.map((mirror) => ({ ...mirror, location: mirror.location + inner.slice(source.length) }));
}

function entryOf({ scope, insecure, blocked, mirrors, source }: Draft): RegistryEntry {
  const location = scope.startsWith('*.') ? '' : scope;
  return { prefix: scope, location, insecure, blocked, mirrorByDigestOnly: false, mirrors, source };
}
