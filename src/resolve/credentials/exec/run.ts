/** Runs one executable with a text on stdin, bounded in time and output. Knows nothing of credentials; no shell is involved. */
import { type ChildProcess, spawn } from 'node:child_process';
import { clean } from '../../../util/text/text.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
  /** Bytes of stdout. */
  readonly maxOutput: number;
}

export type CommandErrorCode = 'NotStarted' | 'Timeout' | 'TooLarge' | 'Exit';

/** Never quotes stdout, which holds secrets; the beginning of stderr is for people. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const stderrKept = 1_024;

/** Resolves with stdout of an exit with status 0. Rejects with `CommandError`. */
export function run(command: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const { file, args, env, input, timeoutMs, maxOutput } = command;
    // A group of its own, so that what the executable starts ends with it.
    const child = spawn(file, [...args], { env: { ...env }, stdio: 'pipe', detached: true, shell: false });
    const stdout: Buffer[] = [];
    let [length, stderr] = [0, ''];
    const fail = (code: CommandErrorCode, why: string, cause?: unknown): void => {
      kill(child);
      const said = stderr === '' ? '' : `; it said: ${clean(stderr)}`;
      reject(new CommandError(code, why + said, cause === undefined ? undefined : { cause }));
    };
    const timer = setTimeout(() => fail('Timeout', `no answer within ${timeoutMs} ms`), timeoutMs);
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
      if (stderr.length < stderrKept) stderr += chunk.toString('utf8', 0, stderrKept);
    });
    // An executable that does not read its input is none of our business.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
