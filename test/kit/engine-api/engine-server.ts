/** The Engine API on a unix socket in this process, over a mirror and the registry behind it, which are scripted and listen on real sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { buildSnapshot } from '../../../src/app/configuration/snapshot.ts';
import { filesBeside } from '../../../src/config/load.ts';
import { silent } from '../../../src/resolve/inspection/observer.ts';
import { EngineApiListener } from '../../../src/serve/engine-api/engine-api-listener.ts';
import type { Handler, Recorded } from '../fakes/scripted-registry.ts';
import { scriptedRegistry } from '../fakes/scripted-registry.ts';
import { town as registryFleet } from '../fakes/registry-fleet.ts';

/** The hosts behind the Engine API: a mirror of Docker Hub, the Hub, a server of tokens, another host, and a registry on loopback. */
export type Role = 'mirror' | 'hub' | 'token' | 'other' | 'plain';

export const hostOf = {
  mirror: 'mirror.test',
  hub: 'registry-1.docker.io',
  token: 'auth.test',
  other: 'other.test',
} as const;

export interface Scripts {
  readonly handlers: Readonly<Record<Role, Handler>>;
  /** Those that refuse connections. */
  readonly refusing: readonly Role[];
}

export interface EngineSettings {
  /** Section `registry` of the configuration, besides what leads to the scripted hosts. */
  readonly registry?: object;
  readonly server?: object;
  readonly credentials?: object;
  readonly cache?: object;
}

export interface EngineServer extends AsyncDisposable {
  readonly socketPath: string;
  /** What every host was asked, in order. */
  readonly requests: Readonly<Record<Role, readonly Recorded[]>>;
  /** Errors that the listener reported. */
  readonly errors: readonly unknown[];
}

export interface EngineHosts extends AsyncDisposable {
  /** Port of the registry on loopback. */
  readonly plainPort: number;
  /** A port on which nothing listens. */
  readonly closedPort: number;
  serve(scripts: Scripts, settings?: EngineSettings): Promise<EngineServer>;
}

/** The hosts are started once; each server has its own scripts. One server at a time. */
export async function engineHosts(): Promise<EngineHosts> {
  const open = new AsyncDisposableStack();
  let scripts: Scripts['handlers'] | null = null;
  let requests = noRequests();
  const play =
    (role: Role): Handler =>
    (request) => {
      requests[role].push(request);
      const handler = scripts?.[role];
      if (!handler) throw new Error(`no script for ${role}`);
      return handler(request);
    };
  const fleet = open.use(
    await registryFleet({
      [hostOf.mirror]: play('mirror'),
      [hostOf.hub]: play('hub'),
      [hostOf.token]: play('token'),
      [hostOf.other]: play('other'),
    }),
  );
  const plain = open.use(await scriptedRegistry(play('plain')));
  const closed = await scriptedRegistry(() => ({}));
  await closed.close();
  return {
    plainPort: plain.port,
    closedPort: closed.port,
    async serve({ handlers, refusing }, settings = {}) {
      scripts = handlers;
      requests = noRequests();
      const hosts = new Map<string, string>(fleet.hosts);
      for (const role of refusing) {
        if (role === 'plain') throw new Error('use closedPort for a registry on loopback that refuses');
        for (const port of [80, 443]) hosts.set(`${hostOf[role]}:${port}`, closed.host);
      }
      return await startEngine({ hosts, ca: fleet.authority.cert, settings, requests });
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function noRequests(): Record<Role, Recorded[]> {
  return { mirror: [], hub: [], token: [], other: [], plain: [] };
}

interface Start {
  readonly hosts: ReadonlyMap<string, string>;
  readonly ca: string;
  readonly settings: EngineSettings;
  readonly requests: Readonly<Record<Role, readonly Recorded[]>>;
}

async function startEngine({ hosts, ca, settings, requests }: Start): Promise<EngineServer> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const configuration = join(folder, 'pratique.yaml');
  writeFileSync(join(folder, 'ca.pem'), ca);
  writeFileSync(
    join(folder, 'daemon.json'),
    JSON.stringify({ 'registry-mirrors': [`http://${hostOf.mirror}`] }),
  );
  const document = {
    apiVersion: 'pratique.dev/v1alpha1',
    kind: 'Configuration',
    mirrors: { docker: { daemonJson: 'daemon.json' } },
    // A busy machine is not a dead endpoint.
    registry: {
      endpointTimeout: '10s',
      hosts: Object.fromEntries(hosts),
      caFiles: ['ca.pem'],
      ...settings.registry,
    },
    server: settings.server ?? {},
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
    ...(settings.cache ? { cache: settings.cache } : {}),
  };
  writeFileSync(configuration, stringify(document));
  const snapshot = buildSnapshot(configuration, filesBeside(configuration), {
    version: 'test',
    environment: {},
    inCluster: false,
    mirrors: null,
    cluster: null,
    observer: silent,
    mirrorWarning() {},
    providerFailed() {},
  });
  const errors: unknown[] = [];
  const socketPath = join(folder, 'engine.sock');
  const listener = new EngineApiListener({
    address: { kind: 'unix', path: socketPath },
    version: 'test',
    lookup: () => snapshot.imageLookup,
    observer: { answered() {}, requestFailed: (error) => errors.push(error) },
    drain: { graceMs: 0, lingerMs: 0, deadlineMs: 200 },
  });
  await listener.start();
  return {
    socketPath,
    requests,
    errors,
    async [Symbol.asyncDispose]() {
      await listener.stop();
      await snapshot.registry.close();
      rmSync(folder, { recursive: true });
    },
  };
}
