/**
 * OpenShift's mirror resources of all kinds, and the merge of those with the same source (runtime-utils `mergedMirrorSets`).
 */
import type { ConfigSource } from '../endpoint.ts';
import { preferenceOrder } from './preference.ts';

/** A value and its place in the configuration. */
export interface Written {
  readonly text: string;
  readonly at: ConfigSource;
}

export interface MirrorSet {
  readonly source: Written;
  readonly mirrors: readonly Written[];
  /** Value of `mirrorSourcePolicy`; absent for a kind that does not have it. */
  readonly policy?: { readonly neverContactSource: boolean; readonly at: ConfigSource };
}

/** All mirror resources of a cluster. */
export interface MirrorResources {
  /** Sets of ImageDigestMirrorSet and ImageContentSourcePolicy. */
  readonly digestSets: readonly MirrorSet[];
  /** Sets of ImageTagMirrorSet. */
  readonly tagSets: readonly MirrorSet[];
  /** `registrySources` of the cluster's Image configuration. */
  readonly insecure: readonly Written[];
  readonly blocked: readonly Written[];
}

/** Mirrors of one source after the merge. */
export interface MergedSet {
  readonly source: Written;
  readonly mirrors: readonly Written[];
  readonly neverContactSource: boolean;
}

/** Returns true if a set names a mirror other than its source. A set without one has no effect, nor has its policy. */
export function hasRealMirror(source: string, mirrors: readonly string[]): boolean {
  return mirrors.some((mirror) => mirror !== source);
}

/** Returns one set for each source, sorted. The order of mirrors follows all inputs as far as they agree. */
export function mergeMirrorSets(sets: readonly MirrorSet[]): readonly MergedSet[] {
  const real = sets.filter(({ source, mirrors }) => hasRealMirror(source.text, mirrors.map(textOf)));
  const bySource = Map.groupBy(real, ({ source }) => source.text);
  return [...bySource.keys()].sort().flatMap((source) => mergeSameSource(bySource.get(source) ?? []));
}

function mergeSameSource(sets: readonly MirrorSet[]): readonly MergedSet[] {
  const [first] = sets;
  if (first === undefined) return [];
  const written = new Map(
    [...sets.flatMap(({ mirrors }) => mirrors), first.source].toReversed().map((each) => [each.text, each]),
  );
  const order = preferenceOrder(sets.flatMap(pairsOf));
  // The source comes last in any case. Further up it remains as a mirror of itself.
  const mirrors = order.at(-1) === first.source.text ? order.slice(0, -1) : order;
  return [
    {
      source: first.source,
      mirrors: mirrors.flatMap((text) => written.get(text) ?? []),
      neverContactSource: sets.some(({ policy }) => policy?.neverContactSource ?? false),
    },
  ];
}

/** Returns neighbouring pairs of the set's order, which ends with the source if the set does not name it. */
function pairsOf({ source, mirrors }: MirrorSet): readonly (readonly [string, string])[] {
  const names = mirrors.map(textOf);
  const chain = names.includes(source.text) ? names : [...names, source.text];
  return chain.slice(1).map((name, index) => [chain[index] ?? '', name]);
}

function textOf({ text }: Written): string {
  return text;
}
