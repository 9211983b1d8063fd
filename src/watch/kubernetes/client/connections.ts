/** Connection pools to the API server: one for requests and one for watches. Watches hold their connections for minutes and must not starve requests. */
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { RestConfig } from './rest-config.ts';

export interface Pools {
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

export interface Connections {
  /** Returns the same pools until server, proxy or certificates change. */
  for(config: RestConfig): Pools;
  close(): Promise<void>;
}

const connectionsForCalls = 16;
// Limit of connections for watches: one for each informer, with a reserve.
const connectionsForWatches = 64;
const connectTimeoutMs = 10_000;
// Time for which idle connections are kept; the API server (Go's net/http) closes them after 90 s.
const keepAliveMs = 30_000;
// Interval of TCP keep-alive, with which the kernel notices a peer that disappeared without closing the
// connection.
const tcpKeepAliveMs = 30_000;

export function createConnections(): Connections {
  let key = '';
  let current: Pools | null = null;
  const all = new Set<Dispatcher>();
  const closeWhenIdle = (pool: Dispatcher): void => {
    // Requests in flight may finish on the old pools; new requests use the new ones.
    void pool
      .close()
      .catch(() => {})
      .finally(() => all.delete(pool));
  };
  return {
    for(config) {
      const wantedKey = JSON.stringify([config.server.origin, config.proxy, config.tls]);
      if (current && wantedKey === key) return current;
      if (current) {
        closeWhenIdle(current.calls);
        closeWhenIdle(current.watches);
      }
      const created = {
        calls: createPool(config, connectionsForCalls),
        watches: createPool(config, connectionsForWatches),
      };
      all.add(created.calls).add(created.watches);
      key = wantedKey;
      current = created;
      return created;
    },
    async close() {
      await Promise.all([...all].map((each) => each.destroy()));
      all.clear();
    },
  };
}

function createPool({ server, proxy, tls }: RestConfig, connections: number): Dispatcher {
  const connect = {
    ...tls,
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
  };
  // The pools use HTTP/1.1, because with HTTP/2 one lost packet would delay every watch.
  const options = { connections, allowH2: false, keepAliveTimeout: keepAliveMs };
  if (proxy === null) return new Pool(server.origin, { ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}
