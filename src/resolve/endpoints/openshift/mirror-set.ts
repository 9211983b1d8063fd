/** OpenShift's mirror resources, whatever their kind, and how those about one source are merged (runtime-utils `mergedMirrorSets`). */
import type { ConfigSource } from '../endpoint.ts';
import { preferenceOrder } from './preference.ts';

/** A value and the place where it is written. */
export interface Written {
  readonly text: string;
  readonly at: ConfigSource;
}

export interface MirrorSet {
  readonly source: Written;
  readonly mirrors: readonly Written[];
  /** `mirrorSourcePolicy`; absent for a kind that has none. */
  readonly policy?: { readonly neverContactSource: boolean; readonly at: ConfigSource };
}

/** All resources of a cluster. */
export interface MirrorResources {
  /** ImageDigestMirrorSet and ImageContentSourcePolicy. */
  readonly digestSets: readonly MirrorSet[];
  /** ImageTagMirrorSet. */
  readonly tagSets: readonly MirrorSet[];
  /** `registrySources` of the cluster's Image configuration. */
  readonly insecure: readonly Written[];
  readonly blocked: readonly Written[];
}

/** Mirrors of one source. */
export interface MergedSet {
  readonly source: Written;
  readonly mirrors: readonly Written[];
  readonly neverContactSource: boolean;
}

/** Does a set name another mirror than its source? One that does not has no effect, its policy included. */
export function hasRealMirror(source: string, mirrors: readonly string[]): boolean {
  return mirrors.some((mirror) => mirror !== source);
}

/** One set for each source, sorted; the order of mirrors follows all inputs as far as they agree. */
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
  // The source comes last anyway; further up it stays, as a mirror of itself.
  const mirrors = order.at(-1) === first.source.text ? order.slice(0, -1) : order;
  return [
    {
      source: first.source,
      mirrors: mirrors.flatMap((text) => written.get(text) ?? []),
      neverContactSource: sets.some(({ policy }) => policy?.neverContactSource ?? false),
    },
  ];
}

/** Neighbours in the set's order, which ends with the source if the set does not name it. */
function pairsOf({ source, mirrors }: MirrorSet): readonly (readonly [string, string])[] {
  const names = mirrors.map(textOf);
  const chain = names.includes(source.text) ? names : [...names, source.text];
  return chain.slice(1).map((name, index) => [chain[index] ?? '', name]);
}

function textOf({ text }: Written): string {
  return text;
}
