/** Configuration files of nodes with a mirror M and an upstream U on real sockets, and what `inspect` says with them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from '@jest/globals';
import { buildSnapshot } from '../../../../src/app/configuration/snapshot.ts';
import { filesBeside } from '../../../../src/config/load.ts';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import type { Inspection, InspectRequest } from '../../../../src/resolve/inspection/inspection.ts';
import { silent } from '../../../../src/resolve/inspection/observer.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import {
  type Handler,
  type ScriptedRegistry,
  scriptedRegistry,
} from '../../../kit/fakes/scripted-registry.ts';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

export const image = 'registry.test/app/x:1';

/** Runtimes by the section `mirrors` of the configuration: M is the mirror of registry.test, U its upstream. */
export const runtimes = {
  'containerd 1.7': hostsToml('1.7'),
  'containerd 2.1': hostsToml('2.1'),
  'CRI-O': crio(),
} as const;

export type Runtime = keyof typeof runtimes;

export interface Setup {
  readonly files: Readonly<Record<string, string>>;
  readonly mirrors: object;
}

function hostsToml(version: string): Setup {
  return {
    files: {
      'certs.d/registry.test/hosts.toml':
        'server = "http://U"\n[host."http://M"]\n  capabilities = ["pull", "resolve"]\n',
    },
    mirrors: { containerd: { configPath: 'certs.d', version } },
  };
}

function crio(): Setup {
  return {
    files: {
      'r.conf':
        '[[registry]]\nprefix = "registry.test"\nlocation = "U"\ninsecure = true\n' +
        '[[registry.mirror]]\nlocation = "M"\ninsecure = true\n',
    },
    mirrors: { crio: { registriesConf: 'r.conf' } },
  };
}

export interface Nodes {
  readonly mirror: ScriptedRegistry;
  readonly upstream: ScriptedRegistry;
  readonly inspect: (name?: string, more?: Partial<InspectRequest>) => Promise<Inspection>;
}

export interface NodesOptions {
  readonly mirror?: Handler;
  readonly upstream?: Handler;
  /** Further members of the configuration file. */
  readonly configuration?: object;
  /** Further files; the names M and U in their texts become host and port. Those in `bin/` are executable. */
  readonly files?: Readonly<Record<string, string>>;
  readonly purpose?: InspectRequest['purpose'];
}

const nothing: Handler = () => ({ status: 404 });

/** Nodes of one configuration. `M` and `U` in its files are the addresses of the servers. */
export async function nodes(setup: Setup, options: NodesOptions = {}): Promise<Nodes> {
  const { mirror = nothing, upstream = nothing, configuration = {}, files = {} } = options;
  const servers = { mirror: await scriptedRegistry(mirror), upstream: await scriptedRegistry(upstream) };
  const folder = mkdtempSync(join(tmpdir(), 'pratique-node-pulls-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  cleanups.push(
    () => servers.mirror.close(),
    () => servers.upstream.close(),
  );
  const addressed = (text: string): string =>
    text.replace(/\bM\b/g, servers.mirror.host).replace(/\bU\b/g, servers.upstream.host);
  for (const [name, text] of Object.entries({ ...setup.files, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), addressed(text));
    if (name.startsWith('bin/')) chmodSync(join(folder, name), 0o755);
  }
  const file = join(folder, 'pratique.yaml');
  const document = {
    apiVersion: 'pratique.dev/v1alpha1',
    kind: 'Configuration',
    // The machine may be busy; tests of time limits set their own.
    registry: { loopback: 'contact', endpointTimeout: '8s' },
    mirrors: setup.mirrors,
    ...configuration,
  };
  writeFileSync(file, JSON.stringify(document));
  const { inspector, credentials, registry } = buildSnapshot(file, filesBeside(file), {
    version: 'test',
    environment: { PATH: process.env['PATH'] },
    inCluster: false,
    mirrors: null,
    cluster: null,
    observer: silent,
    mirrorWarning() {},
    providerFailed() {},
  });
  cleanups.push(() => registry.close());
  return {
    ...servers,
    inspect: (name = image, more = {}) =>
      inspector.inspect({
        reference: parseReference(name),
        credentials,
        deadline: deadlineIn(10_000),
        purpose: options.purpose ?? 'admission',
        allEndpoints: false,
        ...more,
      }),
  };
}

/** `available at M`, `unavailable/NodesRefuse`, `denied`. */
export function verdict({ mirror, upstream }: Nodes, { result, reason, endpoint }: Inspection): string {
  const at = endpoint?.includes(mirror.host) ? ' at M' : endpoint?.includes(upstream.host) ? ' at U' : '';
  return `${result}${reason === null ? '' : `/${reason}`}${at}`;
}

export function warningCodes({ warnings }: Inspection): readonly string[] {
  return [...new Set(warnings.map(({ code }) => code))].filter((code) => !code.startsWith('PlainHttp'));
}
