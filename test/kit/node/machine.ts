/** One machine inside the private box: namespaces of its own, joined to the others by a veth pair. It runs programs until the box ends. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Processes, Running } from '../cluster/control-plane/processes.ts';

const script = fileURLToPath(new URL('machine.sh', import.meta.url));
const execute = promisify(execFile);
const namespaces = ['--mount', '--net', '--uts', '--ipc'];
const patienceMs = 20_000;

/** Address of the box, where the control plane, DNS and the registries are. */
export const boxAddress = '10.99.0.1';

export interface Machine {
  readonly name: string;
  readonly address: string;
  /** `10.98.1.0/24`: the pods of this machine. */
  readonly podNetwork: string;
  /** Where its files are; the same path inside and outside. */
  readonly folder: string;
  start(name: string, program: string, args: readonly string[], path: string): Running;
  /** Standard output of a program that ends by itself. */
  run(program: string, args: readonly string[]): Promise<string>;
}

export interface MachineOptions {
  readonly name: string;
  /** 1, 2, …: its addresses are made of it. */
  readonly number: number;
  readonly folder: string;
  /** Control group of the box. */
  readonly group: string;
}

export async function startMachine(
  processes: Processes,
  { name, number, folder, group }: MachineOptions,
): Promise<Machine> {
  const home = join(folder, name);
  await mkdir(home, { recursive: true });
  const log = (program: string) => join(home, `${program}.log`);
  const holder = processes.start(`machine ${name}`, script, [name, home, `${group}/${name}`], log('machine'));
  for (const end = Date.now() + patienceMs; !existsSync(join(home, 'ready')); await delay(10)) {
    if (holder.ended() || Date.now() > end)
      throw new Error(`the machine ${name} did not start:\n${holder.log()}`);
  }
  const pid = String(holder.pid);
  const address = `10.99.0.${10 + number}`;
  const podNetwork = `10.98.${number}.0/24`;
  const enter = ['--target', pid, ...namespaces, '--'];
  // nsenter cannot join the control group of a process; the new root is where the machine's own are.
  const inGroup = [
    'sh',
    '-c',
    'for g in /sys/fs/cgroup/*/cgroup.procs; do echo $$ >"$g"; done; exec "$@"',
    'sh',
  ];
  const machine: Machine = {
    name,
    address,
    podNetwork,
    folder: home,
    start: (program, file, args, path) => {
      const command = [...enter, ...inGroup, 'env', '-C', home, `PATH=${path}`, file, ...args];
      return processes.start(`${program} of ${name}`, '/usr/bin/nsenter', command, log(program));
    },
    run: async (program, args) => {
      const { stdout } = await execute('nsenter', [...enter, program, ...args], { maxBuffer: 16 * 2 ** 20 });
      return stdout;
    },
  };
  await connect(machine, pid, number);
  return machine;
}

/** A cable to the bridge of the box, and the routes to this machine's pods. */
async function connect(machine: Machine, pid: string, number: number): Promise<void> {
  const { address, podNetwork } = machine;
  const cable = `to-${number}`;
  await execute('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid]);
  await execute('ip', ['link', 'set', cable, 'master', 'nodes', 'up']);
  await machine.run('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
  await machine.run('ip', ['link', 'set', 'eth0', 'up']);
  // The box routes to the pods of other machines.
  await machine.run('ip', ['route', 'add', 'default', 'via', boxAddress]);
  await execute('ip', ['route', 'add', podNetwork, 'via', address]);
}
