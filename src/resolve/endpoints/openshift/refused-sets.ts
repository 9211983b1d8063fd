/**
 * Warnings about mirror sets for which the machine config operator renders no registries.conf at all (its
 * `validateRegistriesConfScopes`): the nodes then keep their present file.
 */
import type { Warning } from '../../warning.ts';
import type { ConfigSource } from '../endpoint.ts';
import { warn } from '../warn.ts';
import type { MirrorResources, MirrorSet } from './mirror-set.ts';

/** Returns a warning for each place that must be corrected; [] if the operator accepts the resources. */
export function refusedSetWarnings({ digestSets, tagSets }: MirrorResources): readonly Warning[] {
  const sets = [...digestSets, ...tagSets];
  return [
    ...conflictingPolicies(sets),
    ...sets.flatMap(sourceAmongMirrors),
    ...sets.flatMap(({ source }) =>
      hasTag(source.text) ? [refused(source.at, taggedSource(source.text))] : [],
    ),
  ];
}

/** Warns if the policy of a source differs between its sets, of whatever kind. */
function conflictingPolicies(sets: readonly MirrorSet[]): readonly Warning[] {
  const bySource = Map.groupBy(sets, ({ source }) => source.text);
  return [...bySource].flatMap(([source, same]) => {
    const policies = same.flatMap(({ policy }) => policy ?? []);
    const [first] = policies;
    const isSame = policies.every((each) => each.neverContactSource === first?.neverContactSource);
    const why = `${source} has different mirrorSourcePolicy values in several sets; make them agree`;
    return isSame ? [] : policies.map(({ at }) => refused(at, why));
  });
}

function sourceAmongMirrors({ source, mirrors, policy }: MirrorSet): readonly Warning[] {
  const same = mirrors.find(({ text }) => text === source.text);
  if (!policy?.neverContactSource || !same) return [];
  const why = `${source.text} is one of its own mirrors and has the policy NeverContactSource; remove one of the two`;
  return [refused(same.at, why)];
}

/** Returns true for a colon after the last slash, or a digest. A colon in the first component precedes a port. */
function hasTag(source: string): boolean {
  return source.includes('@') || /\/[^/]*:[^/]*$/.test(source);
}

function taggedSource(source: string): string {
  return `source ${source} has a tag or a digest; write the repository alone`;
}

function refused(at: ConfigSource, why: string): Warning {
  const effect =
    'The machine config operator renders none of the mirror sets until then, and the nodes keep their previous registries.conf';
  return warn('MirrorSetsRefused', at, `${why}. ${effect}`);
}
