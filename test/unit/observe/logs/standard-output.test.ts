import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';

const url = new URL('../../../../src/observe/logs/standard-output.ts', import.meta.url).href;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that runs `script` with `out`, the standard output under test. */
function run(script: string, setUp = 'const out = standardOutput();') {
  const source = `import { standardOutput } from '${url}'; ${setUp} ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return { child, exit: once(child, 'exit') as Promise<[number]> };
}

describe('standardOutput', () => {
  test('end resolves after every line is written in order', async () => {
    const { child, exit } = run(`
      for (let i = 0; i < 20000; i += 1) out.write(i + ' ' + 'x'.repeat(100) + '\\n');
      await out.end();
      process.exit(0);
    `);
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    expect((await exit)[0]).toBe(0);
    expect(lines.map((line) => Number(line.split(' ', 1)[0]))).toEqual([
      ...Array.from({ length: 20_000 }).keys(),
    ]);
  });

  test('end resolves without lines and when called twice', async () => {
    const { child, exit } = run(`await out.end(); out.write('late\\n'); await out.end(); process.exit(0);`);
    expect(await text(child.stdout)).toBe('');
    expect((await exit)[0]).toBe(0);
  });

  test('a reader that stalls blocks neither the event loop nor the exit of the process', async () => {
    const { child, exit } = run(`
      const began = performance.now();
      for (let i = 0; i < 20000; i += 1) out.write('x'.repeat(1000) + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 10));
      const blocked = performance.now() - began;
      await out.end();
      console.error(JSON.stringify({ blocked, ended: performance.now() - began }));
      process.exit(5);
    `);
    const [line] = (await once(child.stderr, 'data')) as [Buffer];
    const { blocked, ended } = JSON.parse(line.toString()) as { blocked: number; ended: number };
    expect((await exit)[0]).toBe(5);
    expect(blocked).toBeLessThan(1_000);
    expect(ended).toBeLessThan(3_000);
  });

  test('lines that do not fit into memory are counted as dropped', async () => {
    const { child } = run(
      `
      for (let i = 0; i < 20000; i += 1) out.write('x'.repeat(1000) + '\\n');
      await out.end();
      console.error(lost);
      process.exit(0);
    `,
      'let lost = 0; const out = standardOutput((lines) => { lost += lines; });',
    );
    const [line] = (await once(child.stderr, 'data')) as [Buffer];
    expect(Number(line.toString())).toBeGreaterThan(10_000);
    expect(Number(line.toString())).toBeLessThan(20_000);
  });

  test('a reader that closes the pipe does not end the process', async () => {
    const { child, exit } = run(`
      for (let i = 0; i < 50; i += 1) {
        out.write('x'.repeat(10000) + '\\n');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await out.end();
      process.exit(7);
    `);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect((await exit)[0]).toBe(7);
  });
});
