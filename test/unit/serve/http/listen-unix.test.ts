import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { listenUnix } from '../../../../src/serve/http/listen-unix.ts';

let folder = '';
let path = '';
const open: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'listen-unix-'));
  path = join(folder, 'socket');
});

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

function bind(): Promise<unknown> {
  const server = createServer();
  open.push(server);
  return listenUnix(server, { kind: 'unix', path }, 'server.engineApi.listen');
}

/** A socket's file as a process leaves it that is killed. */
async function leaveStale(): Promise<void> {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program]), 'exit');
}

test('a socket is for its owner and group as soon as it can be connected to, and the mask of the process stays', async () => {
  const mask = process.umask();
  const bound = bind();
  const [server] = open;
  const seen = once(server as Server, 'listening').then(() => [statSync(path).mode & 0o777, process.umask()]);
  await bound;
  expect(await seen).toEqual([0o660, mask]);
});

test('the file of the socket is removed when the server closes', async () => {
  await bind();
  const [server] = open.splice(0);
  await new Promise((resolve) => server?.close(resolve));
  expect(existsSync(path)).toBe(false);
});

test('a stale socket is replaced', async () => {
  await leaveStale();
  expect(statSync(path).isSocket()).toBe(true);
  await expect(bind()).resolves.toEqual({ kind: 'unix', path });
});

test('a socket on which a process answers is left alone, and the message says so', async () => {
  await bind();
  await expect(bind()).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining('another process answers there') as unknown,
  });
  expect(statSync(path).isSocket()).toBe(true);
});

test('a file that is not a socket is left alone', async () => {
  writeFileSync(path, 'precious');
  await expect(bind()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(statSync(path).size).toBe('precious'.length);
});

test('a link is left alone, wherever it leads', async () => {
  symlinkSync(join(folder, 'elsewhere'), path);
  await expect(bind()).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a folder that does not exist is named', async () => {
  path = join(folder, 'missing', 'socket');
  await expect(bind()).rejects.toMatchObject({ message: expect.stringContaining(path) as unknown });
});
