/**
 * Binding of a server to a unix socket for its owner and group. It replaces a socket that a process left
 * behind, but never one that accepts connections, nor any other file.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { listen } from './listen.ts';
import { type ListenAddress, ListenError } from './listen-address.ts';

type UnixAddress = Extract<ListenAddress, { kind: 'unix' }>;

/** Mask that leaves mode 0660, as for dockerd's socket: owner and group may read and write. */
const socketMask = 0o117;
/**
 * Time limit of the check whether a process listens. A live process accepts at once, because the kernel does
 * it; only a full backlog takes longer.
 */
const connectTimeoutMs = 1_000;

/**
 * Binds the server. The file of the socket is removed when the server closes.
 * @param key the configuration's key
 * @throws {ListenError}
 */
export async function listenUnix(server: Server, address: UnixAddress, key: string): Promise<ListenAddress> {
  await removeStale(address, key);
  // Node.js binds before `listen` returns its promise, so that the socket never has a wider mode and the mask
  // affects no other file.
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

/**
 * Returns false only if the connection is refused, which proves that no process listens. After any other
 * error the socket is left alone.
 */
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
