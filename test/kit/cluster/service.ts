/** A Service in miniature: one port, connections handed to the replicas that are ready, in turn. Knows TCP only. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answers, type Probe } from './control-plane/readiness.ts';

/** One replica. */
export interface Backend {
  readonly port: number;
  /** Its `/readyz`. */
  readonly readiness: string;
}

export interface Service extends AsyncDisposable {
  readonly port: number;
  /** Ready right now. */
  readonly endpoints: readonly Backend[];
  /** Connections handed on so far. */
  readonly connections: number;
  add(backend: Backend): void;
  remove(backend: Backend): void;
}

/** A kubelet's probes come every few seconds; the tests have less patience. */
const probeEveryMs = 100;

export async function startService(): Promise<Service> {
  const backends = new Map<Backend, { readonly probe: Probe; ready: boolean }>();
  const sockets = new Set<Socket>();
  const end = new AbortController();
  let connections = 0;
  const endpoints = () => [...backends].flatMap(([backend, { ready }]) => (ready ? [backend] : []));
  const server = createServer((client) => {
    const ready = endpoints();
    const chosen = ready[connections % Math.max(ready.length, 1)];
    connections += 1;
    // No endpoints: as kube-proxy refuses it.
    if (!chosen) {
      client.destroy();
      return;
    }
    const target = connect(chosen.port, '127.0.0.1');
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      // Never a reset: one while a socket is being shut down leaves Node a handle that it waits for at its end, for ever.
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroySoon();
      });
    }
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  const probing = (async () => {
    while (!end.signal.aborted) {
      await Promise.all(
        [...backends.values()].map(async (backend) => {
          backend.ready = await backend.probe();
        }),
      );
      await delay(probeEveryMs);
    }
  })();
  return {
    port,
    get endpoints() {
      return endpoints();
    },
    get connections() {
      return connections;
    },
    add: (backend) => void backends.set(backend, { probe: answers(backend.readiness), ready: false }),
    remove: (backend) => void backends.delete(backend),
    async [Symbol.asyncDispose]() {
      end.abort();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await probing;
    },
  };
}
