/** dockerd's `registry-mirrors` and `insecure-registries`. */
import { allCapabilities } from '../../../src/resolve/endpoints/default.ts';
import { parseDaemonJson } from '../../../src/resolve/endpoints/dockerd/daemon-json.ts';
import {
  insecureRegistries,
  isInsecure,
  networkText,
  parseInsecure,
  validateIndexName,
} from '../../../src/resolve/endpoints/insecure-registries.ts';
import { lookupCandidates } from '../../../src/resolve/endpoints/dockerd/lookup-candidates.ts';
import { validateMirror } from '../../../src/resolve/endpoints/dockerd/mirror.ts';
import { type StoreHost, storeHost } from '../../../src/resolve/endpoints/dockerd/store-hosts.ts';
import { type Case, equal, equalOrThrow, type Runner } from '../runner.ts';

interface Text extends Case {
  readonly input: string;
}
interface Entries extends Case {
  readonly input: readonly string[];
  readonly want?: { readonly hosts: readonly string[]; readonly cidrs: readonly string[] };
}
interface Config extends Case {
  readonly config: object;
}
interface Lookup extends Config {
  readonly host: string;
  readonly dns: Readonly<Record<string, readonly string[]>>;
}

interface Mirrors extends Case {
  readonly mirrors: readonly string[];
  readonly upstream: Omit<StoreHost, 'capabilities'>;
}

const names =
  ({ dns }: Lookup) =>
  (host: string): readonly string[] =>
    dns[host] ?? [];
const daemon = ({ config }: Config) => parseDaemonJson(JSON.stringify(config), 'daemon.json');

export const runner: Runner = {
  validateMirror: (vector: Text) => equalOrThrow(vector, () => validateMirror(vector.input)),
  indexName: (vector: Text) => equalOrThrow(vector, () => validateIndexName(vector.input)),
  insecureRegistries: (vector: Entries) => {
    const { want, error } = vector;
    const sorted = want && { hosts: [...want.hosts].sort(), cidrs: [...want.cidrs].sort() };
    return equalOrThrow({ ...(sorted && { want: sorted }), ...(error !== undefined && { error }) }, () => {
      const { hosts, networks } = insecureRegistries(vector.input.map(parseInsecure));
      return { hosts: [...hosts].sort(), cidrs: networks.map(networkText).sort() };
    });
  },
  config: (vector: Config) =>
    equalOrThrow(vector, () => {
      const { mirrors, insecure } = daemon(vector);
      return { mirrors: mirrors.map(({ url }) => url), cidrs: insecure.networks.map(networkText) };
    }),
  isSecure: (vector: Lookup) =>
    equal(vector.want, !isInsecure(daemon(vector).insecure, vector.host, names(vector))),
  mirrorsToHosts: ({ mirrors, upstream, want }: Mirrors) => {
    const own = { ...upstream, capabilities: allCapabilities };
    return equal(want, [...mirrors.map((mirror) => storeHost(mirror, own)), own]);
  },
  endpoints: (vector: Lookup) => {
    const { mirrors, insecure } = daemon(vector);
    const candidates = lookupCandidates(mirrors, insecure, vector.host, names(vector));
    const got = candidates.flatMap(({ url, mirror, insecure, plainFallback }) => {
      const first = { url, mirror: mirror !== null, insecureSkipVerify: insecure };
      return plainFallback ? [first, { ...first, url: url.replace('https:', 'http:') }] : [first];
    });
    return equal(vector.want, got);
  },
};
