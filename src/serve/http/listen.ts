/** Binding of a server to its address. Errors name the key of the configuration. */
import type { Server } from 'node:net';
import { formatListenAddress, type ListenAddress, ListenError } from './listen-address.ts';

/**
 * Resolves with the bound address, which has the chosen port if the configured port is 0.
 * @param key the configuration's key, for the message
 * @throws {ListenError}
 */
export function listen(server: Server, address: ListenAddress, key: string): Promise<ListenAddress> {
  const { promise, resolve, reject } = Promise.withResolvers<ListenAddress>();
  const failed = (error: NodeJS.ErrnoException) => reject(explain(error, address, key));
  server.once('error', failed);
  server.listen(address.kind === 'unix' ? { path: address.path } : tcpOptions(address), () => {
    server.off('error', failed);
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    resolve(address.kind === 'unix' ? address : { ...address, port });
  });
  return promise;
}

function tcpOptions(address: ListenAddress & { kind: 'tcp' }): { host?: string; port: number } {
  return address.host === null ? { port: address.port } : { host: address.host, port: address.port };
}

function explain(error: NodeJS.ErrnoException, address: ListenAddress, key: string): ListenError {
  const code = error.code ?? 'Unknown';
  const problem = `${key}: cannot listen on ${formatListenAddress(address)}`;
  return new ListenError(code, `${problem}: ${hintFor(code) ?? error.message}`, error);
}

function hintFor(code: string): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return 'the address is in use; stop the other process or choose another port';
    case 'EACCES':
      return 'permission denied; choose a port of 1024 or more, or a path that this user may write';
    case 'EADDRNOTAVAIL':
      return 'the address does not exist on this machine; choose another';
    case 'ENOTFOUND':
      return 'the host name cannot be resolved; correct it';
    default:
      return null;
  }
}
