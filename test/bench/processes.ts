/** Starts the servers under load as processes of their own, output to a file: a pipe would make the bench read it. */
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs `args` with this Node and resolves when `port` accepts connections. */
export async function start(args: readonly string[], port: number, log: string): Promise<Running> {
  const file = await open(log, 'w');
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', file.fd, file.fd] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (child.exitCode !== null || tries > 200) {
      throw new Error(`${args.join(' ')} does not listen:\n${await readFile(log, 'utf8')}`);
    }
    await sleep(50);
  }
  return {
    url: `https://127.0.0.1:${port}/validate`,
    async stop() {
      child.kill('SIGKILL');
      await gone;
      await file.close();
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
