import { createSocket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NameResolver } from '../../../../../src/resolve/registry/transport/name-resolver.ts';

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

interface NameServer {
  readonly address: string;
  /** Names in the order of their queries. */
  readonly queries: string[];
}

/** A DNS server on a real socket: an address for `good…`, NXDOMAIN for `absent…`, silence for every other name. */
async function nameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  const queries: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = question(query);
    queries.push(name);
    const isA = type === 1;
    const isGood = name.startsWith('good');
    if (!isGood && !name.startsWith('absent')) return;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(isGood ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(isGood && isA ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    const records = isGood && isA ? [answer] : [];
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  open.push(socket);
  const { port } = socket.address();
  return { address: `127.0.0.1:${port}`, queries };
}

function question(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

async function resolver(lookup?: (name: string) => Promise<readonly LookupAddress[]>) {
  const server = await nameServer();
  const names = new NameResolver({ servers: [server.address], ...(lookup && { lookup }) });
  open.push(names);
  return { server, names };
}

const found = [{ address: '192.0.2.7', family: 4 }];

describe('look-ups of many names that no name server answers', () => {
  test('delay no other look-up, and block no thread', async () => {
    const system: string[] = [];
    const { names } = await resolver((name) => {
      system.push(name);
      return new Promise(() => {});
    });
    const silent = Array.from({ length: 64 }, (_, index) => names.resolve(`silent${index}.test`, false));
    const failures = Promise.allSettled(silent);
    const others = Promise.all([names.resolve('good.test', false), names.resolve('good-mirror.test', true)]);
    const first = await Promise.race([others, failures.then(() => 'the silent names')]);
    expect(first).not.toBe('the silent names');
    expect(await others).toEqual([found, found]);
    const results = await failures;
    expect(results.every((each) => each.status === 'rejected' && each.reason.code === 'EAI_AGAIN')).toBe(
      true,
    );
    expect(system).toEqual([]);
  });
});

describe('a look-up by the system', () => {
  test('that hangs for hosts of images leaves configured hosts their own lane, and is not the fault of a host', async () => {
    const { names } = await resolver((name) =>
      name.startsWith('absent-mirror') ? Promise.resolve(found) : new Promise(() => {}),
    );
    void names.resolve('absent0.test', false).catch(() => {});
    await expect(names.resolve('absent1.test', false)).rejects.toMatchObject({ code: 'LOOKUP_QUEUE' });
    expect(await names.resolve('absent-mirror.test', true)).toEqual(found);
  });

  test('finds names of the hosts file and of search domains', async () => {
    const { names, server } = await resolver(() => Promise.resolve(found));
    expect(await names.resolve('registry', true)).toEqual(found);
    expect(await names.resolve('localhost', true)).toEqual(found);
    expect(server.queries).toEqual([]);
  });
});

describe('the cache of look-ups', () => {
  test('keeps addresses and failures', async () => {
    const { names, server } = await resolver(() => Promise.reject(new Error('ENOTFOUND')));
    for (let round = 0; round < 3; round++) {
      expect(await names.resolve('good.test', false)).toEqual(found);
      await expect(names.resolve('absent.test', false)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    }
    expect(server.queries.filter((name) => name === 'good.test')).toHaveLength(2);
    expect(server.queries.filter((name) => name === 'absent.test')).toHaveLength(2);
  });

  test('lets callers with the same name share one query', async () => {
    const { names, server } = await resolver();
    await Promise.all(Array.from({ length: 20 }, () => names.resolve('good.test', false)));
    expect(server.queries).toHaveLength(2);
  });
});
