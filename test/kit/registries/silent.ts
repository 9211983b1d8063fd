/** A server that accepts connections and then says nothing, or no more than the beginning of an answer. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Silent extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Connections accepted so far. */
  readonly connections: number;
}

export async function silentServer(beginning = ''): Promise<Silent> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).once('data', () => void socket.write(beginning));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return sockets.length;
    },
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
