/** Attacks on the listeners: unfinished bodies, idle connections, a reader that never reads. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { bin } from '../../kit/pratique/serving.ts';
import { cleanEnvironment } from '../../kit/pratique/command.ts';
import { reviewOf, send } from '../../kit/pratique/admission.ts';
import type { Attack, AttackResult } from '../attack.ts';
import { type HonestLoad, podOf, sendHonestLoad } from '../honest-load.ts';
import { startHonestRegistry } from '../registries.ts';
import { resultOf } from '../result.ts';
import { startTarget, type Target } from '../target.ts';

/** Strangers come from another address than the API server. */
const stranger = '127.0.0.2';

export const unfinishedBodies: Attack = {
  id: 'A1',
  thrown: '34 TLS peers hold unfinished bodies of 2 MiB',
  isLong: false,
  run: () =>
    attacked(async (target) => {
      const sockets = await openMany(target, 34);
      const head = `POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${2 * 1024 * 1024}\r\n\r\n`;
      for (const socket of sockets) socket.write(head + ' '.repeat(2 * 1024 * 1024 - 1));
      await sleep(500);
      return () => closeAll(sockets);
    }, 500),
};

export const idleConnections: Attack = {
  id: 'A9',
  thrown: '7,500 idle TLS connections',
  isLong: true,
  run: () =>
    attacked(async (target) => {
      const sockets: TLSSocket[] = [];
      for (let opened = 0; opened < 7_500; opened += 250) sockets.push(...(await openMany(target, 250)));
      return () => closeAll(sockets);
    }, 300),
};

export const noReader: Attack = {
  id: 'A12',
  thrown: 'nobody reads the log; then SIGTERM',
  isLong: false,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry();
    await using target = await startTarget();
    const child = spawn(bin, ['serve', '--config', `${target.folder}/pratique.yaml`], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { port, ca } = await firstAddress(child);
    // 64 KiB of pipe and as much in both processes are full after some hundred lines of 300 bytes.
    const replies = await Promise.all(
      Array.from({ length: 3_000 }, async (_, index) => {
        await sleep(index);
        const body = reviewOf(podOf(`${registry.host}/team/app:0`));
        return await send({ port, ca }, '/validate', body).catch(() => null);
      }),
    );
    const exited = once(child, 'exit');
    const started = performance.now();
    child.kill('SIGTERM');
    // Drain: 5 s of grace, 2 s of lingering, and one second beyond.
    const ended = await Promise.race([exited, sleep(9_000, null, { ref: false })]);
    const tookMs = performance.now() - started;
    if (ended === null) child.kill('SIGKILL');
    const lost = replies.filter((reply) => reply?.status !== 200).length;
    const honest = { answers: replies.length - lost, lost, late: 0, wrong: 0, latenciesMs: [] };
    return resultOf(
      target,
      honest,
      ended === null ? [`it still ran ${Math.round(tookMs)} ms after SIGTERM`] : [],
    );
  },
};

/** Runs `attack`, then sends `count` honest reviews while it goes on. */
async function attacked(
  attack: (target: Target) => Promise<() => void>,
  count: number,
): Promise<AttackResult> {
  await using registry = await startHonestRegistry();
  await using target = await startTarget();
  const stop = await attack(target);
  const honest = await sendHonestLoad(target, honestLoad(registry.host, count));
  stop();
  return resultOf(target, honest);
}

export function honestLoad(host: string, count: number, ratePerSecond = 100): HonestLoad {
  return {
    ratePerSecond,
    count,
    object: () => podOf(`${host}/team/app:0`),
    isRight: ({ allowed, warnings }) =>
      allowed && !warnings.some((warning) => warning.includes('unavailable')),
    lateMs: 2_600,
  };
}

async function openMany({ port, ca }: Target, count: number): Promise<TLSSocket[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const tcp = connectTcp({ port, host: '127.0.0.1', localAddress: stranger });
      tcp.on('error', () => undefined);
      const socket = connect({ socket: tcp, ca, checkServerIdentity: () => undefined });
      socket.on('error', () => undefined);
      await Promise.race([
        once(socket, 'secureConnect').catch(() => undefined),
        once(socket, 'close'),
        sleep(5_000),
      ]);
      return socket;
    }),
  );
}

function closeAll(sockets: readonly TLSSocket[]): void {
  for (const socket of sockets) socket.destroy();
}

/** Reads the log until the server is ready, and leaves the pipe open and unread. */
async function firstAddress({ stdout }: ReturnType<typeof spawn>): Promise<{ port: number; ca: string }> {
  if (!stdout) throw new Error('the process has no standard output');
  let text = '';
  for (;;) {
    const [chunk] = (await once(stdout, 'data')) as [Buffer];
    text += chunk.toString();
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const started = lines.find(({ event }) => event === 'started');
    const certificate = lines.find(({ event }) => event === 'certificate-loaded');
    if (!started || !certificate) continue;
    stdout.pause();
    return {
      port: Number(/\d+$/.exec(String(started['webhook']))?.[0]),
      ca: Buffer.from(String(certificate['caBundle']), 'base64').toString(),
    };
  }
}
