import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { listen } from '../../../../src/serve/http/listen.ts';

const servers: ReturnType<typeof createServer>[] = [];
const server = () => {
  const made = createServer();
  servers.push(made);
  return made;
};
afterEach(() => {
  for (const made of servers.splice(0)) made.close();
});

describe('listen', () => {
  test('tells the port that it was given', async () => {
    const bound = await listen(
      server(),
      { kind: 'tcp', host: '127.0.0.1', port: 0 },
      'server.metrics.listen',
    );
    expect(bound).toEqual({ kind: 'tcp', host: '127.0.0.1', port: expect.any(Number) });
    expect(bound).not.toMatchObject({ port: 0 });
  });

  test('listens on a unix socket', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pratique-')), 'socket');
    expect(await listen(server(), { kind: 'unix', path }, 'server.engineApi.listen')).toEqual({
      kind: 'unix',
      path,
    });
  });

  test('says which key names a port that is taken', async () => {
    const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
    const taken = await listen(server(), address, 'server.metrics.listen');
    await expect(listen(server(), taken, 'server.webhook.listen')).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringMatching(
        /^server\.webhook\.listen: cannot listen on 127\.0\.0\.1:\d+: the address is in use/,
      ),
    });
  });

  test('says that the machine has no such address', async () => {
    const address = { kind: 'tcp', host: '192.0.2.1', port: 0 } as const;
    await expect(listen(server(), address, 'server.webhook.listen')).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });
});
