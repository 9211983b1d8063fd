/** containerd's `hosts.toml` trees, and the default endpoints of its CRI. */
import {
  criDefaultScheme,
  criEndpoints,
  criEndpointUrl,
} from '../../../src/resolve/endpoints/containerd/config-toml/cri-mirrors.ts';
import { hasCapabilities } from '../../../src/resolve/endpoints/containerd/endpoint-skip.ts';
import type { HostTable } from '../../../src/resolve/endpoints/containerd/hosts-toml/host-table.ts';
import {
  findDirectory,
  type FoundDirectory,
  loadHostTree,
} from '../../../src/resolve/endpoints/containerd/hosts-toml/host-tree.ts';
import { loadContainerdHosts } from '../../../src/resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import {
  blankTable,
  type ClientDefaults,
  type ResolvedHost,
  resolveHosts,
} from '../../../src/resolve/endpoints/containerd/resolve-hosts.ts';
import { parseContainerdVersion } from '../../../src/resolve/endpoints/runtime/containerd-version.ts';
import type { Capability, Endpoint } from '../../../src/resolve/endpoints/endpoint.ts';
import type { Files } from '../../../src/resolve/endpoints/files/files.ts';
import { matchLocalhost } from '../../../src/resolve/endpoints/loopback.ts';
import type { Digest } from '../../../src/resolve/reference/digest.ts';
import { memoryFiles } from '../../kit/fakes/memory-files.ts';
import { type Case, equal, type Runner } from '../runner.ts';

interface Tree extends Case {
  readonly files: Readonly<Record<string, string>>;
  readonly host: string;
}
interface Resolve extends Tree {
  readonly dir: string | null;
  readonly fileRejected?: boolean;
  readonly defaultScheme?: 'http' | 'https';
  readonly defaultTLS?: boolean;
}
interface Requests extends Tree {
  readonly repository: string;
  readonly reference: string;
}

interface CriMirrors extends Case {
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  readonly host: string;
}

const root = '/certs.d';

/** The tree of a vector; every certificate that it names exists. */
function treeFiles({ files }: Tree): Files {
  const tree = memoryFiles({
    [`${root}/`]: '',
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${root}/${path}`, text])),
  });
  return { ...tree, read: (path) => tree.read(path) ?? (path.endsWith('/hosts.toml') ? null : 'PEM') };
}

function find(vector: Tree): FoundDirectory | null {
  const files = treeFiles(vector);
  const tree = loadHostTree(root, parseContainerdVersion('auto'), files, files);
  return tree && findDirectory([tree], vector.host);
}

const shown = (path: string): string => path.replace(root, '$ROOT');

function record(table: HostTable, host: ResolvedHost): object {
  const { scheme, path, capabilities, insecureSkipVerify, httpFallback } = host;
  return {
    scheme,
    host: host.host,
    path,
    capabilities,
    skipVerify: table.skipVerify,
    insecureSkipVerify,
    httpFallback,
    ...(table.header && { header: Object.fromEntries(table.header) }),
    ...(table.ca && { ca: table.ca.map(shown) }),
    ...(table.client && { client: table.client.map(({ cert, key }) => [cert, key].map(shown)) }),
    ...(table.dialTimeoutMs !== null && { dialTimeoutMs: table.dialTimeoutMs }),
  };
}

function resolve(vector: Resolve): object {
  const found = find(vector);
  const tables = found?.directory.hosts.map(({ table }) => table) ?? [blankTable];
  const client: ClientDefaults = {
    scheme: vector.defaultScheme ?? null,
    skipVerify: vector.defaultTLS ?? null,
  };
  const rejected = found?.directory.warnings.some(({ code }) =>
    ['HostsFileIgnored', 'UnknownCapability', 'ServerOnlyFileIgnored'].includes(code),
  );
  return {
    dir: found === null ? null : found.directory.path.slice(root.length + 1),
    rejected: rejected ?? false,
    hosts: resolveHosts(vector.host, tables, client).map((host, index) =>
      record(tables[index] ?? blankTable, host),
    ),
  };
}

/** An address that is none of an http server is asked by the node too, and fails at once. */
const isAsked = ({ skip, url }: Endpoint): boolean => skip === null || !/^https?:/.test(url);

function requests(vector: Requests): readonly string[] {
  const { host, repository, reference } = vector;
  const byDigest = reference.includes(':');
  const list = loadContainerdHosts({ configPath: root, version: 'auto', pathMap: {} }, treeFiles(vector));
  const { endpoints } = list.endpoints({
    domain: host,
    path: repository,
    tag: byDigest ? null : reference,
    digest: byDigest ? (reference as Digest) : null,
  });
  return endpoints.filter(isAsked).map((endpoint) => {
    const query = endpoint.namespace === null ? '' : `?ns=${encodeURIComponent(endpoint.namespace)}`;
    return `${endpoint.url}/${endpoint.repository}/manifests/${reference}${query}`;
  });
}

function criMirrors({ mirrors, host }: CriMirrors): readonly string[] {
  const urls = (mirrors[host] ?? mirrors['*'] ?? []).map(criEndpointUrl);
  return criEndpoints(urls, host).map(({ url }) => url);
}

export const runner: Runner = {
  resolve: (vector: Resolve) =>
    equal({ dir: vector.dir, rejected: vector.fileRejected ?? false, hosts: vector.want }, resolve(vector)),
  requests: (vector: Requests) => equal(vector.want, requests(vector)),
  hasCapability: (vector: Case & { capabilities: Capability[]; needed: Capability[] }) =>
    equal(vector.want, hasCapabilities(vector.capabilities, vector.needed)),
  criDefaultScheme: (vector: Tree) => equal(vector.want, criDefaultScheme(vector.host)),
  criMirrors: (vector: CriMirrors) => equal(vector.want, criMirrors(vector)),
  matchLocalhost: (vector: Tree) => equal(vector.want, matchLocalhost(vector.host)),
};
