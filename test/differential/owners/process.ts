/** Runs a program to its end, or until it has spent too long on the fault that it met. */
import { spawn } from 'node:child_process';
import type { Question } from './owner.ts';

export interface Ended {
  readonly ok: boolean;
  readonly hung: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Whatever happens, no process outlives this, milliseconds. */
const longest = 120_000;

export async function run(
  command: string,
  args: readonly string[],
  limits: Pick<Question, 'recording' | 'patienceMs'> | null = null,
): Promise<Ended> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longest,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  let hung = false;
  const watch = setInterval(() => {
    if (limits === null || limits.recording.sinceFault() < limits.patienceMs) return;
    hung = true;
    child.kill('SIGKILL');
  }, 100);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    return { ok: code === 0, hung, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
  } finally {
    clearInterval(watch);
  }
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
