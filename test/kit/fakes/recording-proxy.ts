/** A forwarder before a test server that keeps every byte of both directions, with TLS taken off. Understands none of them: `traces.ts` searches. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';

export interface RecordingProxy extends AsyncDisposable {
  /** `127.0.0.1:41234`. */
  readonly host: string;
  /** Connections that came so far, TLS handshakes that failed left out. */
  readonly connections: number;
  /** All that was said so far, by either side, and the client certificates that were shown, as base64 of their DER. */
  bytes(): Buffer;
  /** Starts a new record. */
  forget(): void;
  close(): Promise<void>;
}

/** Forwards to `port` on 127.0.0.1; with `tls` it speaks TLS to clients, asks for their certificates and takes any. */
export async function recordingProxy(
  port: number,
  tls?: Pick<TlsOptions, 'cert' | 'key'>,
): Promise<RecordingProxy> {
  const record: Buffer[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const forward = (client: Socket): void => {
    connections++;
    const server = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => void (record.push(chunk), to.write(chunk)));
      from.on('error', () => {}).on('close', () => to.destroy());
    }
  };
  const listener = tls ? terminating(tls, forward, record) : createServer(forward);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  return {
    host: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    bytes: () => Buffer.concat(record),
    forget: () => void record.splice(0),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function terminating(
  tls: Pick<TlsOptions, 'cert' | 'key'>,
  forward: (client: Socket) => void,
  record: Buffer[],
): Server {
  const server = createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false });
  server.on('secureConnection', (client: TLSSocket) => {
    const { raw } = client.getPeerCertificate();
    // An empty object stands for none.
    if (raw as Buffer | undefined) record.push(Buffer.from(raw.toString('base64')));
    forward(client);
  });
  return server;
}
