/** Where the programs of a real control plane are. Not for starting them. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Names as the programs are called. */
export type Program = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

const variables: Readonly<Record<Program, string>> = {
  etcd: 'TEST_ASSET_ETCD',
  'kube-apiserver': 'TEST_ASSET_KUBE_APISERVER',
  'kube-controller-manager': 'TEST_ASSET_KUBE_CONTROLLER_MANAGER',
  'kube-scheduler': 'TEST_ASSET_KUBE_SCHEDULER',
};

const setup = fileURLToPath(new URL('../../../../hack/setup-controlplane.sh', import.meta.url));

/** There is no control plane on this machine, and none can be built. */
export class NoControlPlane extends Error {
  readonly code = 'no-control-plane';
}

/** Paths of `programs`: as the environment names them, else built once by hack/setup-controlplane.sh. */
export async function binaries<P extends Program>(
  programs: readonly P[],
): Promise<Readonly<Record<P, string>>> {
  const named = programs.map((program) => fromEnvironment(program));
  const missing = programs.filter((_, at) => named[at] === null);
  const folder = missing.length > 0 ? await built(missing) : '';
  const paths = programs.map((program, at) => [program, named[at] ?? join(folder, program)] as const);
  return Object.fromEntries(paths) as Record<P, string>;
}

/** A program that is named but not there is an error, not a reason to take another. */
function fromEnvironment(program: Program): string | null {
  const variable = variables[program];
  const single = process.env[variable];
  if (single) {
    if (!runs(single)) throw new NoControlPlane(`${variable}=${single}: no program that can be run`);
    return single;
  }
  const assets = process.env['KUBEBUILDER_ASSETS'];
  // envtest brings etcd, kube-apiserver and kubectl only.
  return assets && runs(join(assets, program)) ? join(assets, program) : null;
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function built(missing: readonly Program[]): Promise<string> {
  const running = promisify(execFile)(setup);
  // It tells that it builds, which takes minutes.
  running.child.stderr?.pipe(process.stderr);
  try {
    return (await running).stdout.trim();
  } catch (cause) {
    throw new NoControlPlane(
      [
        `No Kubernetes control plane to run: there is no ${missing.join(', ')}, and hack/setup-controlplane.sh could`,
        'not build one: it needs Go (which it installs on Debian) and, the first time, the network.',
        'Set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver, or TEST_ASSET_ETCD, TEST_ASSET_KUBE_APISERVER,',
        'TEST_ASSET_KUBE_CONTROLLER_MANAGER and TEST_ASSET_KUBE_SCHEDULER to the programs.',
      ].join('\n'),
      { cause },
    );
  }
}
