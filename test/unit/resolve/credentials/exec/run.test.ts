import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, CommandError, runCommand } from '../../../../../src/resolve/credentials/exec/run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A real executable of `lines`, run by sh. */
function script(lines: string, more: Partial<Command> = {}): Command {
  const file = join(folder, 'plugin');
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
  return {
    file,
    args: [],
    env: { PATH: '/usr/bin:/bin' },
    input: '',
    timeoutMs: 10_000,
    maxOutput: 1_000,
    ...more,
  };
}

async function failure(command: Command): Promise<CommandError> {
  try {
    await runCommand(command);
  } catch (error) {
    expect(error).toBeInstanceOf(CommandError);
    return error as CommandError;
  }
  throw new Error('it did not fail');
}

describe('run', () => {
  test('stdin goes in, stdout comes out', async () => {
    expect(await runCommand(script('cat', { input: 'hällo' }))).toBe('hällo');
  });

  test('arguments are not read by a shell, and the environment is only what was given', async () => {
    const command = script('printf "%s|" "$@"; env', {
      args: ['$HOME', 'a b', ';ls'],
      env: { ONLY: 'this' },
    });
    const output = await runCommand(command);
    expect(output).toMatch(/^\$HOME\|a b\|;ls\|/);
    expect(output).toContain('ONLY=this');
    expect(output).not.toContain('HOME=');
  });

  test('an executable that does not read its input is fine', async () => {
    expect(await runCommand(script('exec 0<&-; echo done', { input: 'x'.repeat(1_000_000) }))).toBe('done\n');
  });

  test('an exit status is told with the beginning of stderr, and nothing of stdout', async () => {
    const error = await failure(script('echo secret; printf "no\\033[31m identity\\n" >&2; exit 3'));
    expect(error.code).toBe('Exit');
    expect(error.message).toBe('exit status 3; stderr: no [31m identity');
  });

  test('a signal is told', async () => {
    expect((await failure(script('kill -TERM $$'))).message).toBe('ended by SIGTERM');
  });

  test('endless stderr is cut', async () => {
    const error = await failure(script('yes error >&2', { timeoutMs: 500 }));
    expect(error.code).toBe('Timeout');
    expect(error.message.length).toBeLessThan(400);
  });

  test('output beyond the limit ends it at once', async () => {
    const error = await failure(script('yes', { timeoutMs: 60_000 }));
    expect([error.code, error.message]).toEqual(['TooLarge', 'more than 1000 bytes of output']);
  });

  test('when the time is up it ends, and what it started with it', async () => {
    const command = script(`sleep 60 & echo $! >${join(folder, 'child')}; wait`, { timeoutMs: 500 });
    const error = await failure(command);
    expect([error.code, error.message]).toEqual(['Timeout', 'not finished within 500 ms']);
    await sleep(100);
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    // A zombie that nobody reaps still has an entry; it runs no more.
    const state = (): string => {
      try {
        return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? '';
      } catch {
        return 'gone';
      }
    };
    expect(['gone', 'Z', 'X']).toContain(state());
  });

  test('what cannot be run is told', async () => {
    const command = script('');
    expect((await failure({ ...command, file: join(folder, 'absent') })).message).toBe(
      'cannot be run (ENOENT)',
    );
    chmodSync(command.file, 0o644);
    expect((await failure(command)).code).toBe('NotStarted');
  });
});
