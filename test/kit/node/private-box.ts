/** Runs a program of this checkout in namespaces of its own: nothing of what it mounts, listens on or starts is seen outside, and nothing of it is left when it ends. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('private-box.sh', import.meta.url));
const hierarchies = '/sys/fs/cgroup';
/** Followed by the process that owns it. */
const prefix = 'pratique-';

/** What a program in the box is told by its environment. */
export const boxVariables = { folder: 'PRATIQUE_BOX_FOLDER', group: 'PRATIQUE_BOX_GROUP' } as const;

/** Resolves with the exit status of `node program args`; Ctrl-C is for the program, which ends in its own order. */
export async function runInPrivateBox(program: string, args: readonly string[]): Promise<number> {
  removeAbandonedGroups();
  const folder = mkdtempSync(join(tmpdir(), 'pratique-node-'));
  const group = `${prefix}${process.pid}`;
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const namespaces = [
      '--mount',
      '--net',
      '--pid',
      '--uts',
      '--ipc',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ];
    const command = [script, folder, process.execPath, '--disable-warning=ExperimentalWarning', program];
    const child = spawn('unshare', [...namespaces, ...command, ...args], {
      stdio: 'inherit',
      env: { ...process.env, TMPDIR: folder, [boxVariables.folder]: folder, [boxVariables.group]: group },
    });
    // A supervisor's SIGTERM is passed on: the terminal sends Ctrl-C to everybody, but this to us alone.
    const end = () => void child.kill('SIGTERM');
    process.once('SIGTERM', end);
    void writePid(child.pid ?? 0, join(folder, 'pid'));
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status) => {
        process.off('SIGTERM', end);
        resolve(status ?? 1);
      });
    });
  } finally {
    process.off('SIGINT', ignore);
    removeGroups(group);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The process number of the box's process 1, for who wants to enter it. */
async function writePid(parent: number, file: string): Promise<void> {
  const children = `/proc/${parent}/task/${parent}/children`;
  for (let left = 200; left > 0 && existsSync(children); left--) {
    const [pid = ''] = readFileSync(children, 'utf8').split(' ');
    if (pid !== '') return writeFileSync(file, pid);
    await delay(20);
  }
}

/** Control groups are the one thing that does not go with the namespaces. */
function removeGroups(group: string): void {
  for (const hierarchy of [hierarchies, ...foldersOf(hierarchies)]) removeTree(join(hierarchy, group));
}

function removeTree(path: string): void {
  if (!existsSync(path)) return;
  for (const child of foldersOf(path)) removeTree(child);
  try {
    rmdirSync(path);
  } catch {
    // A process that is just ending holds it; the next run removes it.
  }
}

function foldersOf(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(path, entry.name)] : [],
  );
}

/** Groups of a box whose owner was killed. */
function removeAbandonedGroups(): void {
  const names = [hierarchies, ...foldersOf(hierarchies)].flatMap((path) => readdirSync(path));
  for (const name of new Set(names)) {
    const owner = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d+$/.test(owner) && !existsSync(join('/proc', owner))) removeGroups(name);
  }
}

/** The folder and the control group of the box that this program runs in. */
export function currentBox(): { readonly folder: string; readonly group: string } {
  const folder = process.env[boxVariables.folder];
  const group = process.env[boxVariables.group];
  if (folder === undefined || group === undefined) throw new Error('this program runs in a private box only');
  mkdirSync(folder, { recursive: true });
  return { folder, group };
}
