/** Runner of one executable with text on stdin, without a shell, limited in time and output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { clean } from '../../../util/text/text.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; the process inherits nothing. */
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
  /** Maximum length of stdout in bytes. */
  readonly maxOutput: number;
}

export type CommandErrorCode = 'NotStarted' | 'Timeout' | 'TooLarge' | 'Exit';

/**
 * Error for an executable that failed. The message quotes the beginning of stderr, never stdout, which may contain secrets.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const maxStderr = 1_024;

/** Resolves with stdout if the exit status is 0. Rejects with `CommandError`. */
export function runCommand(command: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const { file, args, env, input, timeoutMs, maxOutput } = command;
    // The executable gets its own process group, so that its children are killed with it.
    const child = spawn(file, [...args], { env: { ...env }, stdio: 'pipe', detached: true, shell: false });
    const stdout: Buffer[] = [];
    let [length, stderr] = [0, ''];
    const fail = (code: CommandErrorCode, message: string, cause?: unknown): void => {
      kill(child);
      const detail = stderr === '' ? '' : `; stderr: ${clean(stderr)}`;
      reject(new CommandError(code, message + detail, cause === undefined ? undefined : { cause }));
    };
    const timer = setTimeout(() => fail('Timeout', `not finished within ${timeoutMs} ms`), timeoutMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail('NotStarted', `cannot be run (${error.code ?? 'unknown error'})`, error);
    });
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) return resolve(Buffer.concat(stdout).toString('utf8'));
      fail('Exit', signal === null ? `exit status ${status}` : `ended by ${signal}`);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxOutput) fail('TooLarge', `more than ${maxOutput} bytes of output`);
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < maxStderr) stderr += chunk.toString('utf8', 0, maxStderr);
    });
    // An executable may exit without reading its input, which is not an error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
