/** A real Kubernetes control plane on loopback, for tests, demo and tools: etcd, API server and, unless told otherwise, the controllers and the scheduler. No kubelet: pods are stored and bound, never run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries, type Program } from './binaries.ts';
import { apiServerFlags, controllerFlags, etcdFlags, schedulerFlags } from './flags.ts';
import { adminToken, type Component, type Plane, preparePlane } from './shared-control-plane.ts';
import { type Processes, processes, type Running } from './processes.ts';
import { untilReady } from './readiness.ts';

export interface ControlPlaneOptions {
  /** kube-controller-manager and kube-scheduler; true when absent. */
  readonly controllers?: boolean;
  /** `1.33`: what an API server of that version would do. */
  readonly emulatedVersion?: string;
  /** Whether a pod needs its service account; as `controllers`, which make them, when absent. */
  readonly serviceAccounts?: boolean;
  readonly apiServerFlags?: readonly string[];
  /** Lines of the token file for users beside admin and dev. */
  readonly tokens?: string;
  /** Writes an audit log of every request, metadata only. */
  readonly audit?: boolean;
  /** An etcd data folder to start from a copy of: that of a control plane stopped with `keep`. */
  readonly etcdData?: string;
}

export interface ControlPlane extends AsyncDisposable {
  readonly folder: string;
  /** Path; contexts `admin` (the current one, `system:masters`) and `dev` (group `developers`, no rights). */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** PEM of the CA that signed the API server's certificate. */
  readonly ca: string;
  readonly adminToken: string;
  /** Path of the audit log, a JSON object a line. */
  readonly auditLog: string | null;
  /** 0 of what was not started. */
  readonly pids: Readonly<Record<Component, number>>;
  /** etcd's data folder. */
  readonly etcdData: string;
  processLog(name: Component): string;
  /** Ends one component as a crash would, and starts it again on the same address. */
  restart(name: Component): Promise<void>;
  /** Ends everything; `keep` leaves the folder. */
  stop(options?: { readonly keep?: boolean }): Promise<void>;
}

/** A port that was free a moment ago may be taken when it is wanted: other suites start control planes, too. */
const tries = 3;

/** Resolves when a pod can be made: default namespace and, with controllers, its service account are there. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  for (let left = tries - 1; ; left--) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (left === 0 || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function startOnce(options: ControlPlaneOptions): Promise<ControlPlane> {
  const controllers = options.controllers ?? true;
  const programs = await binaries(
    controllers
      ? ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
      : ['etcd', 'kube-apiserver'],
  );
  const folder = await mkdtemp(join(tmpdir(), 'pratique-cluster-'));
  const children = processes(folder);
  try {
    const plane = await preparePlane(folder, options.etcdData, options.tokens);
    const launch = launcher(plane, programs, children, options);
    const running = new Map<Component, Running>();
    const start = async (name: Component) => {
      const process = launch(name);
      running.set(name, process);
      await untilReady(process, plane.probes[name]);
    };
    await start('etcd');
    await start('apiserver');
    if (controllers) {
      await Promise.all([start('controllerManager'), start('scheduler')]);
    }
    const first = controllers ? 'namespaces/default/serviceaccounts/default' : 'namespaces/default';
    await untilReady(required(running, 'apiserver'), plane.api(`/api/v1/${first}`));
    return {
      folder,
      kubeconfig: plane.kubeconfig,
      server: plane.server,
      ca: plane.ca,
      adminToken,
      auditLog: options.audit ? join(folder, 'audit.log') : null,
      get pids() {
        const pid = (name: Component) => running.get(name)?.pid ?? 0;
        return {
          etcd: pid('etcd'),
          apiserver: pid('apiserver'),
          controllerManager: pid('controllerManager'),
          scheduler: pid('scheduler'),
        };
      },
      etcdData: join(folder, 'etcd'),
      processLog: (name) => required(running, name).log(),
      async restart(name) {
        const old = required(running, name);
        old.kill('SIGKILL');
        await old.exited;
        await start(name);
      },
      stop: (how) => stop(children, folder, how?.keep ?? false),
      [Symbol.asyncDispose]: () => stop(children, folder, false),
    };
  } catch (error) {
    await stop(children, folder, false);
    throw error;
  }
}

async function stop(children: Processes, folder: string, keep: boolean): Promise<void> {
  await children.stop();
  if (!keep) await rm(folder, { recursive: true, force: true });
}

function required(running: ReadonlyMap<Component, Running>, name: Component): Running {
  const process = running.get(name);
  if (!process) throw new Error(`${name} was not started`);
  return process;
}

function launcher(
  { addresses, files }: Plane,
  programs: Readonly<Partial<Record<Program, string>>>,
  children: Processes,
  options: ControlPlaneOptions,
): (name: Component) => Running {
  const version = options.emulatedVersion ?? null;
  const folder = join(files.caCertificate, '..');
  const start = (name: Component, program: Program, flags: readonly string[]) =>
    children.start(program, programs[program] ?? program, flags, join(folder, `${name}.log`));
  return (name) => {
    switch (name) {
      case 'etcd':
        return start(name, 'etcd', etcdFlags(addresses, files));
      case 'apiserver':
        return start(
          name,
          'kube-apiserver',
          apiServerFlags(addresses, files, {
            serviceAccounts: options.serviceAccounts ?? options.controllers ?? true,
            audit: options.audit ?? false,
            emulatedVersion: version,
            more: options.apiServerFlags ?? [],
          }),
        );
      case 'controllerManager':
        return start(name, 'kube-controller-manager', controllerFlags(addresses, files, version));
      case 'scheduler':
        return start(name, 'kube-scheduler', schedulerFlags(addresses, files, version));
      default:
        return name satisfies never;
    }
  };
}
