/** Attacks by names: hosts that nobody resolves, names that lead to loopback, ports to be scanned. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { admit } from '../../kit/pratique/admission.ts';
import { silentServer } from '../../kit/registries/silent.ts';
import type { Attack, AttackResult } from '../attack.ts';
import { podOf, sendHonestLoad } from '../honest-load.ts';
import { startHonestRegistry } from '../registries.ts';
import { resultOf } from '../result.ts';
import { startTarget } from '../target.ts';
import { honestLoad } from './connections.ts';

export const unresolvableNames: Attack = {
  id: 'A2',
  thrown: '64 registries whose names a silent DNS server never resolves, in one pod, five times',
  isLong: false,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry(200);
    const resolver = createSocket('udp4');
    resolver.bind(53, '127.0.0.77');
    await once(resolver, 'listening');
    // The honest registry has a name too: its look-up must not wait behind the stranger's.
    const { port } = new URL(`http://${registry.host}`);
    await using target = await startTarget({
      names: { hosts: '127.0.0.1 localhost honest.test\n', resolver: '127.0.0.77' },
      configuration: { policy: { mode: 'enforce' } },
    });
    const thrown = Array.from({ length: 5 }, (_, round) => {
      const images = Array.from({ length: 64 }, (__, index) => `r${round}-${index}.nowhere.test/x:1`);
      return admit(target, '/validate', podOf(...images)).catch(() => null);
    });
    const honest = await sendHonestLoad(target, {
      ...honestLoad(registry.host, 200, 50),
      object: (index) => podOf(`localhost:${port}/team/app:${index}`),
      lateMs: 1_500,
    });
    await Promise.all(thrown);
    resolver.close();
    return resultOf(target, honest);
  },
};

export const nameOfLoopback: Attack = {
  id: 'A13',
  thrown: 'a name that resolves to loopback, with registry.loopback: skip',
  isLong: false,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry();
    const { port } = new URL(`http://${registry.host}`);
    await using target = await startTarget({
      names: { hosts: '127.0.0.1 localhost sneaky.test\n' },
      configuration: { registry: { loopback: 'skip' } },
    });
    await using trap = await silentServer();
    const trapPort = trap.host.split(':')[1] ?? '';
    const answers = await Promise.all(
      [trapPort, port].map((each) => admit(target, '/validate', podOf(`sneaky.test:${each}/team/app:0`))),
    );
    const failures: string[] = [];
    if (trap.connections > 0) failures.push('the process behind loopback was connected to');
    if (registry.registry.log.length > 0) failures.push('the registry behind loopback was asked');
    return resultOf(
      target,
      { answers: answers.length, late: 0, wrong: 0, lost: 0, latenciesMs: [] },
      failures,
    );
  },
};

export const portScan: Attack = {
  id: 'A15',
  thrown: 'images on ports that are open, closed and silent, to learn which is which',
  isLong: false,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry();
    await using silent = await silentServer();
    await using chatty = await silentServer('SSH-2.0-OpenSSH\r\n');
    await using target = await startTarget({ configuration: { registry: { endpointTimeout: '300ms' } } });
    const hosts = [silent.host, chatty.host, '127.0.0.1:1', registry.host];
    const answers = await Promise.all(
      hosts.map((host) => admit(target, '/validate', podOf(`${host}/no/such:1`))),
    );
    const told = answers.slice(0, 3).map(({ message, warnings }, index) =>
      [message, ...warnings]
        .join('\n')
        .replaceAll(hosts[index] ?? '', 'HOST')
        .replaceAll(/https?:\/\//g, ''),
    );
    const failures =
      new Set(told).size > 1 ? [`the answers differ: ${[...new Set(told)].join(' | ').slice(0, 400)}`] : [];
    return resultOf(
      target,
      { answers: answers.length, late: 0, wrong: 0, lost: 0, latenciesMs: [] },
      failures,
    );
  },
};
