/** Binds a server to a unix socket for its owner and group. A socket that a process left behind is replaced; one that answers, or another file, never is. */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { listen } from './listen.ts';
import { type ListenAddress, ListenError } from './listen-address.ts';

type UnixAddress = Extract<ListenAddress, { kind: 'unix' }>;

/** Everything but reading and writing by owner and group: mode 0660, as dockerd's. */
const socketMask = 0o117;
/** A process that is alive accepts at once: the kernel does it. Only a full backlog takes longer. */
const connectTimeoutMs = 1_000;

/** The socket's file is removed when the server closes. @param key the configuration's key @throws {ListenError} */
export async function listenUnix(server: Server, address: UnixAddress, key: string): Promise<ListenAddress> {
  await removeStale(address, key);
  // Node binds before `listen` returns its promise: the socket never has a wider mode, and no other file gets the mask.
  const mask = process.umask(socketMask);
  try {
    return listen(server, address, key);
  } finally {
    process.umask(mask);
  }
}

async function removeStale({ path }: UnixAddress, key: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (!file) return;
  if (!file.isSocket()) {
    throw inUse(key, path, 'there is a file that is not a socket; remove it or choose another path');
  }
  if (await isAlive(path)) {
    throw inUse(key, path, 'another process answers there; stop it or choose another path');
  }
  unlinkSync(path);
}

function inUse(key: string, path: string, problem: string): ListenError {
  return new ListenError('EADDRINUSE', `${key}: cannot listen on unix:${path}: ${problem}`);
}

/** Only a refusal proves that no process listens; anything else leaves the socket alone. */
function isAlive(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.setTimeout(connectTimeoutMs, () => resolve(true));
  socket.on('connect', () => resolve(true));
  socket.on('error', ({ code }: NodeJS.ErrnoException) =>
    resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
  );
  return promise.finally(() => socket.destroy());
}
