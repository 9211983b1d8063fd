/** Pratique as it is installed, one bundled file without its sources: what a container runs. */
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Path of the command. */
export async function installedPackage(): Promise<string> {
  execFileSync(process.execPath, [join(root, 'hack/bundle.ts')], { cwd: root });
  const folder = await mkdtemp(join(tmpdir(), 'pratique-package-'));
  for (const part of ['bin', 'dist']) await cp(join(root, part), join(folder, part), { recursive: true });
  return join(folder, 'bin', 'pratique');
}
