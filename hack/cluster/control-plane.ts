/** A real Kubernetes control plane on loopback, for tests, demo and tools: etcd, API server and, unless told otherwise, the controllers and the scheduler. No kubelet: pods are stored and bound, never run. */
import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authority } from '../../test/fakes/certificates.ts';
import { binaries, type Program } from './binaries.ts';
import {
  type Addresses,
  apiServerFlags,
  controllerFlags,
  etcdFlags,
  type Files,
  schedulerFlags,
} from './flags.ts';
import { kubeconfig } from './kubeconfig.ts';
import { freePorts } from './ports.ts';
import { type Processes, processes, type Running } from './processes.ts';
import { answers, type Probe, untilReady } from './readiness.ts';

export interface ControlPlaneOptions {
  /** kube-controller-manager and kube-scheduler; true when absent. */
  readonly controllers?: boolean;
  /** `1.33`: what an API server of that version would do. */
  readonly emulatedVersion?: string;
  /** Whether a pod needs its service account; as `controllers`, which make them, when absent. */
  readonly serviceAccounts?: boolean;
  readonly apiServerFlags?: readonly string[];
  /** Writes an audit log of every request, metadata only. */
  readonly audit?: boolean;
  /** An etcd data folder to start from a copy of: that of a control plane stopped with `keep`. */
  readonly etcdData?: string;
}

export type Component = 'etcd' | 'apiserver' | 'controllerManager' | 'scheduler';

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

const adminToken = 'admin-token';
const tokens = `${adminToken},admin,u-admin,system:masters\ndev-token,dev,u-dev,developers\n`;
const auditPolicy =
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n';

/** Resolves when a pod can be made: default namespace and, with controllers, its service account are there. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const controllers = options.controllers ?? true;
  const programs = await binaries(
    controllers
      ? ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
      : ['etcd', 'kube-apiserver'],
  );
  const folder = await mkdtemp(join(tmpdir(), 'pratique-cluster-'));
  const children = processes(folder);
  try {
    const plane = await prepare(folder, options);
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

interface Plane {
  readonly addresses: Addresses;
  readonly files: Files;
  readonly server: string;
  readonly ca: string;
  readonly kubeconfig: string;
  readonly probes: Readonly<Record<Component, Probe>>;
  api(path: string): Probe;
}

/** Addresses and files; nothing runs yet. */
async function prepare(folder: string, { etcdData }: ControlPlaneOptions): Promise<Plane> {
  const [etcdPort = 0, peerPort = 0, apiPort = 0, controllersPort = 0, schedulerPort = 0] =
    await freePorts(5);
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const ca = await authority('Pratique cluster CA');
  const serving = await ca.leaf({
    names: ['localhost', 'kubernetes.default.svc', '127.0.0.1', '10.0.0.1'],
    notAfter: new Date(Date.now() + 9 * 86_400_000),
  });
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const server = `https://127.0.0.1:${apiPort}`;
  const config = kubeconfig(server, ca.cert, [
    { name: 'admin', token: adminToken },
    { name: 'dev', token: 'dev-token' },
  ]);
  if (etcdData !== undefined) await cp(etcdData, join(folder, 'etcd'), { recursive: true });
  const files: Files = {
    etcdData: join(folder, 'etcd'),
    caCertificate: await write('ca.crt', ca.cert),
    servingCertificate: await write('apiserver.crt', serving.cert),
    servingKey: await write('apiserver.key', serving.key),
    tokens: await write('tokens.csv', tokens),
    serviceAccountKey: await write('service-accounts.key', serviceAccounts.privateKey),
    serviceAccountPublicKey: await write('service-accounts.pub', serviceAccounts.publicKey),
    kubeconfig: await write('kubeconfig', config),
    auditPolicy: await write('audit-policy.yaml', auditPolicy),
    auditLog: join(folder, 'audit.log'),
  };
  const api = (path: string) => answers(`${server}${path}`, { ca: ca.cert, token: adminToken });
  return {
    addresses: { etcdPort, peerPort, apiPort, controllersPort, schedulerPort },
    files,
    server,
    ca: ca.cert,
    kubeconfig: files.kubeconfig,
    probes: {
      etcd: answers(`http://127.0.0.1:${etcdPort}/health`),
      apiserver: api('/readyz'),
      controllerManager: answers(`https://127.0.0.1:${controllersPort}/healthz`),
      scheduler: answers(`https://127.0.0.1:${schedulerPort}/healthz`),
    },
    api,
  };
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
