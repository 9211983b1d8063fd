/** The connections to the API server: one pool for calls and one for watches, so that watches, which hold theirs for minutes, starve nobody. */
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Access } from './auth.ts';

export interface Pools {
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

export interface Connections {
  /** The same pools until server, proxy or certificates change. */
  for(access: Access): Pools;
  close(): Promise<void>;
}

const connectionsForCalls = 16;
// One for each reflector, and room.
const connectionsForWatches = 64;
const connectTimeoutMs = 10_000;
// Go's server, which is on the other side, closes after 90 s.
const keepAliveMs = 30_000;
// A peer that is gone without a word is noticed by the kernel, too.
const probeAfterMs = 30_000;

export function createConnections(): Connections {
  let key = '';
  let current: Pools | null = null;
  const all = new Set<Dispatcher>();
  const retire = (pool: Dispatcher): void => {
    // What is under way may end; new requests go to the new pools.
    void pool
      .close()
      .catch(() => {})
      .finally(() => all.delete(pool));
  };
  return {
    for(access) {
      const wanted = JSON.stringify([access.server.origin, access.proxy, access.tls]);
      if (current && wanted === key) return current;
      if (current) {
        retire(current.calls);
        retire(current.watches);
      }
      const made = {
        calls: pool(access, connectionsForCalls),
        watches: pool(access, connectionsForWatches),
      };
      all.add(made.calls).add(made.watches);
      key = wanted;
      current = made;
      return made;
    },
    async close() {
      await Promise.all([...all].map((each) => each.destroy()));
      all.clear();
    },
  };
}

function pool({ server, proxy, tls }: Access, connections: number): Dispatcher {
  const connect = {
    ...tls,
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: probeAfterMs,
  };
  // HTTP/1.1: over HTTP/2 one lost packet would hold up every watch.
  const options = { connections, allowH2: false, keepAliveTimeout: keepAliveMs };
  if (proxy === null) return new Pool(server.origin, { ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}
