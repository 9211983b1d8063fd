/** Runs the unit and wire tests against one mutation, in a copy of the checkout. */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { applyMutation, type Mutation } from './mutations.ts';

/** `timed-out` counts as survived: a slow test proves nothing. */
export type Fate = 'killed' | 'survived' | 'timed-out';

const copied = [
  'src',
  'test',
  'demo',
  'hack',
  'crds',
  'charts',
  'docs',
  'package.json',
  'jest.config.js',
  'tsconfig.json',
];

export class MutationRunner implements AsyncDisposable {
  readonly #folder: string;
  readonly #timeoutMs: number;

  private constructor(folder: string, timeoutMs: number) {
    this.#folder = folder;
    this.#timeoutMs = timeoutMs;
  }

  static async create(root: string, timeoutMs: number): Promise<MutationRunner> {
    const folder = await mkdtemp(join(tmpdir(), 'pratique-mutation-'));
    for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return new MutationRunner(folder, timeoutMs);
  }

  /** First the tests beside the file, which are the likeliest to notice; then all that import it. */
  async run(mutation: Mutation): Promise<Fate> {
    const file = join(this.#folder, mutation.file);
    const original = await readFile(file, 'utf8');
    await this.#write(file, applyMutation(original, mutation));
    try {
      const beside = join('test/unit', dirname(mutation.file).replace(/^src\/?/, ''), basename(file, '.ts'));
      const near = await this.#jest(['--testPathPatterns', `${beside}\\.test`, '--passWithNoTests']);
      return near === 'survived'
        ? await this.#jest(['--findRelatedTests', mutation.file, '--passWithNoTests'])
        : near;
    } finally {
      await this.#write(file, original);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(file: string, text: string): Promise<void> {
    await unlink(file);
    await writeFile(file, text);
  }

  #jest(args: readonly string[]): Promise<Fate> {
    const jest = join(this.#folder, 'node_modules/jest/bin/jest.js');
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        jest,
        '--selectProjects',
        'unit',
        'wire',
        '--runInBand',
        '--bail',
        ...args,
      ],
      { cwd: this.#folder, stdio: 'ignore', detached: true, env: { ...process.env, CI: 'true' } },
    );
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        end('timed-out');
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }, this.#timeoutMs);
      const end = (fate: Fate): void => {
        clearTimeout(timer);
        resolve(fate);
      };
      child.once('error', reject);
      child.once('exit', (code) => end(code === 0 ? 'survived' : 'killed'));
    });
  }
}
