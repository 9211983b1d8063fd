/** Child processes that never outlive this one, not even when it is killed. Not for programs that end by themselves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Running {
  readonly name: string;
  readonly pid: number;
  /** Standard output and error so far. */
  log(): string;
  /** The exit status, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  ended(): boolean;
  kill(signal: NodeJS.Signals): void;
}

export interface Processes {
  start(name: string, program: string, args: readonly string[], logFile: string): Running;
  /** Also guards a process that was started elsewhere. */
  guard(child: ChildProcess): void;
  /** Ends them all at once. */
  stop(): Promise<void>;
}

/** Reads `+ PID` and `- PID`; the pipe ends with the parent, however that ended, and then the children end, too. */
const watchdog = `pids=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
kill -9 $pids 2>/dev/null
[ -z "$1" ] || rm -rf "$1"`;

/** `folder` is removed when this process is killed. */
export function processes(folder: string): Processes {
  // A session of its own: Ctrl-C and a killed process group are what it must outlive.
  const dog = spawn('sh', ['-c', watchdog, 'watchdog', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  dog.unref();
  // Its end is only seen when something is still to be told to it.
  dog.stdin.on('error', () => {});
  const running = new Map<ChildProcess, Promise<unknown>>();
  const guard = (child: ChildProcess) => {
    const { pid } = child;
    // It could not even be started.
    if (pid === undefined) return;
    dog.stdin.write(`+ ${pid}\n`);
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => {
        dog.stdin.write(`- ${pid}\n`);
        running.delete(child);
        resolve();
      });
    });
    running.set(child, gone);
  };
  return {
    guard,
    start(name, program, args, logFile) {
      const output = openSync(logFile, 'a');
      const child = spawn(program, args, {
        stdio: ['ignore', output, output],
        // Ctrl-C is for the parent process, which ends its children in its own order.
        detached: true,
        // Nothing of a person's: an API server calls webhooks through HTTPS_PROXY, and etcd takes ETCD_ variables for flags.
        env: {},
      });
      closeSync(output);
      guard(child);
      const exited = new Promise<number | null>((resolve) => {
        child.once('exit', (status) => resolve(status));
        child.once('error', () => resolve(127));
      });
      return {
        name,
        pid: child.pid ?? 0,
        log: () => readFileSync(logFile, 'utf8'),
        exited,
        // Without a pid it could not even be started.
        ended: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
        kill: (signal) => void child.kill(signal),
      };
    },
    async stop() {
      const gone = [...running.values()];
      for (const child of running.keys()) child.kill('SIGKILL');
      await Promise.all(gone);
      dog.kill('SIGKILL');
    },
  };
}
