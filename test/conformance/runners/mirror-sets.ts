/** OpenShift's mirror resources. */
import type { RegistryEntry } from '../../../src/resolve/endpoints/crio/registries-conf/entry.ts';
import { adjustMirrors, registryEntries } from '../../../src/resolve/endpoints/openshift/entries.ts';
import {
  hasRealMirror,
  type MergedSet,
  type MirrorSet,
  mergeMirrorSets,
  type Written,
} from '../../../src/resolve/endpoints/openshift/mirror-set.ts';
import { preferenceOrder } from '../../../src/resolve/endpoints/openshift/preference.ts';
import { isNested, isValidScope } from '../../../src/resolve/endpoints/openshift/scope.ts';
import { shownPullSources } from '../pull-sources.ts';
import { type Case, equal, equalOrThrow, type Runner } from '../runner.ts';

interface Set {
  readonly source: string;
  readonly mirrors?: readonly string[];
  readonly mirrorSourcePolicy?: string;
}
interface Cluster extends Case {
  readonly input: {
    readonly insecureRegistries?: readonly string[];
    readonly blockedRegistries?: readonly string[];
    readonly imageDigestMirrorSets?: readonly (readonly Set[])[];
    readonly imageTagMirrorSets?: readonly (readonly Set[])[];
    readonly imageContentSourcePolicies?: readonly (readonly Set[])[];
  };
}
interface Entry {
  readonly prefix?: string;
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly unknown[];
}
interface Adjust extends Case {
  readonly mirroredScope: string;
  readonly subScope: string;
  readonly mirrors: readonly string[];
}

export const runner: Runner = {
  scopeNested: ({ want, sub, super: outer }: Case & { sub: string; super: string }) =>
    equal(want, isNested(sub, outer)),
  validScope: ({ want, scope }: Case & { scope: string }) => equal(want, isValidScope(scope)),
  realMirror: ({
    want,
    mirroredSource,
    mirrors,
  }: Case & { mirroredSource: string; mirrors: readonly string[] }) =>
    equal(want, hasRealMirror(mirroredSource, mirrors)),
  topo: ({ want, edges }: Case & { edges: readonly [string, string][] }) =>
    equal(want, preferenceOrder(edges)),
  merge: (vector: Case & { objects: readonly (readonly Set[])[] }) =>
    equalOrThrow(vector, () => mergeMirrorSets(sets(vector.objects)).map(shownSet)),
  adjustNested: (vector: Adjust) =>
    equalOrThrow(vector, () => {
      const mirrors = vector.mirrors.map((text) => ({
        location: text,
        insecure: false,
        pullFromMirror: null,
        source: nowhere,
      }));
      return adjustMirrors(vector.mirroredScope, vector.subScope, mirrors).map(({ location }) => location);
    }),
  registriesConf: (vector: Cluster & { want?: readonly Entry[] }) =>
    equalOrThrow({ ...vector, ...(vector.want && { want: [...vector.want].sort(byScope) }) }, () =>
      entries(vector).map(shownEntry).sort(byScope),
    ),
  pullSources: (vector: Cluster & { image: string }) =>
    equalOrThrow(vector, () => shownPullSources(entries(vector), vector.image)),
};

const nowhere = { file: '', line: null };

function written(text: string): Written {
  return { text, at: nowhere };
}

function sets(objects: readonly (readonly Set[])[] = []): readonly MirrorSet[] {
  return objects.flat().map(({ source, mirrors = [], mirrorSourcePolicy }) => ({
    source: written(source),
    mirrors: mirrors.map(written),
    policy: { neverContactSource: mirrorSourcePolicy === 'NeverContactSource', at: nowhere },
  }));
}

function entries({ input }: Cluster): readonly RegistryEntry[] {
  return registryEntries({
    digestSets: [...sets(input.imageDigestMirrorSets), ...sets(input.imageContentSourcePolicies)],
    tagSets: sets(input.imageTagMirrorSets),
    insecure: (input.insecureRegistries ?? []).map(written),
    blocked: (input.blockedRegistries ?? []).map(written),
  });
}

function shownSet({ source, mirrors, neverContactSource }: MergedSet): unknown {
  return {
    source: source.text,
    mirrors: mirrors.map(({ text }) => text),
    ...(neverContactSource && { mirrorSourcePolicy: 'NeverContactSource' }),
  };
}

function shownEntry({ prefix, location, insecure, blocked, mirrors }: RegistryEntry): Entry {
  const shown = mirrors.map(({ location, insecure, pullFromMirror }) => ({
    location,
    insecure,
    'pull-from-mirror': pullFromMirror,
  }));
  return { ...(location === '' && { prefix }), location, insecure, blocked, mirrors: shown };
}

function byScope(a: Entry, b: Entry): number {
  return (a.prefix ?? a.location).localeCompare(b.prefix ?? b.location);
}
