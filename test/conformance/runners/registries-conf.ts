/** CRI-O's registries.conf, version 2. */
import { parseLocation } from '../../../src/resolve/endpoints/crio/registries-conf/check.ts';
import { parseConfFile } from '../../../src/resolve/endpoints/crio/registries-conf/conf-file.ts';
import { mergeConfFiles, type RegistriesConfig } from '../../../src/resolve/endpoints/crio/load-crio.ts';
import type { RegistryEntry } from '../../../src/resolve/endpoints/crio/registries-conf/entry.ts';
import {
  findEntry,
  matchPrefix,
  matchSubdomain,
} from '../../../src/resolve/endpoints/crio/registries-conf/prefix.ts';
import { rewrite } from '../../../src/resolve/endpoints/crio/registries-conf/pull-sources.ts';
import { parseShortNameMode } from '../../../src/resolve/endpoints/crio/short-names.ts';
import { canonical } from '../../../src/resolve/reference/format.ts';
import { parseNormalised } from '../../../src/resolve/reference/normalise.ts';
import { shownPullSources } from '../pull-sources.ts';
import { type Case, equal, equalOrThrow, type Runner } from '../runner.ts';

interface Match extends Case {
  readonly ref: string;
  readonly prefix: string;
}
interface Rewrite extends Match {
  readonly location: string;
}
interface Text extends Case {
  readonly input: string;
}
interface Config extends Case {
  readonly conf: string;
  readonly dropins?: Readonly<Record<string, string>>;
}

export const runner: Runner = {
  matchPrefix: ({ want, ref, prefix }: Match) => equal(want, matchPrefix(ref, prefix)),
  matchSubdomainPrefix: ({ want, ref, prefix }: Match) => equal(want, matchSubdomain(ref, prefix)),
  location: (vector: Text) => equalOrThrow(vector, () => parseLocation(vector.input)),
  shortNameMode: (vector: Text) => equalOrThrow(vector, () => parseShortNameMode(vector.input)),
  rewrite: (vector: Rewrite) =>
    equalOrThrow(vector, () => {
      const at = { location: vector.location, insecure: false, source: { file: '', line: null } };
      return canonical(rewrite(at, parseNormalised(vector.ref), vector.prefix));
    }),
  loadError: (vector: Config) => equalOrThrow(vector, () => load(vector).entries.length),
  registries: (vector: Config) =>
    equalOrThrow(vector, () => {
      const { entries, search } = load(vector);
      return { registries: entries.map(shownEntry), unqualifiedSearch: search };
    }),
  find: (vector: Config & { ref: string }) =>
    equalOrThrow(vector, () => {
      const entry = findEntry(load(vector).entries, vector.ref);
      return entry && shownEntry(entry);
    }),
  pullSources: (vector: Config & { image: string }) =>
    equalOrThrow(vector, () => shownPullSources(load(vector).entries, vector.image)),
};

function load({ conf, dropins = {} }: Config): RegistriesConfig {
  const names = Object.keys(dropins)
    .filter((name) => name.endsWith('.conf'))
    .sort();
  return mergeConfFiles([
    parseConfFile(conf, 'registries.conf', false),
    ...names.map((name) => parseConfFile(dropins[name] ?? '', name, true)),
  ]);
}

function shownEntry(entry: RegistryEntry): unknown {
  const { prefix, location, insecure, blocked, mirrorByDigestOnly } = entry;
  const mirrors = entry.mirrors.map(({ location, insecure, pullFromMirror }) => ({
    location,
    insecure,
    ...(pullFromMirror && { 'pull-from-mirror': pullFromMirror }),
  }));
  return { prefix, location, insecure, blocked, 'mirror-by-digest-only': mirrorByDigestOnly, mirrors };
}
