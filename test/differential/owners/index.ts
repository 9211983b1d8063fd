/** The owners that are on this machine: Debian's programs, and the newer containerds that `hack/setup-containerd.sh` builds. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ctr, type Daemon } from './containerd.ts';
import type { Owner } from './owner.ts';
import { run } from './process.ts';
import { skopeo } from './skopeo.ts';

const setup = fileURLToPath(new URL('../../../hack/setup-containerd.sh', import.meta.url));

/** Builds what is missing, which takes minutes the first time. */
export async function findOwners(daemon: Daemon): Promise<readonly Owner[]> {
  const built = await builtByUs();
  return [
    await ctr('ctr', daemon, 'Debian'),
    ...(await Promise.all(built.map((path) => ctr(path, daemon, 'built from its Go module')))),
    await skopeo(),
  ];
}

/** Paths of `ctr`, oldest version first. */
async function builtByUs(): Promise<readonly string[]> {
  const { ok, stdout, stderr } = await run(setup, []);
  const paths = stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  if (!ok || paths.length === 0 || !paths.every((path) => existsSync(path))) {
    throw new Error(`the newer containerds could not be built:\n${stderr}`);
  }
  return paths;
}
