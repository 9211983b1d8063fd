/** Where a server's own objects live in its cluster: the Lease, and the authority that its replicas share. */
import type { EventLog } from '../observe/logs/logger.ts';
import type { AuthorityStore } from '../serve/certificates/authority/authority-store.ts';
import { authoritySecret } from '../watch/registration/authority-secret.ts';
import type { Cluster } from './cluster.ts';
import type { ConfigSnapshot } from './snapshot.ts';

export interface OwnNamespace {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** null: the certificate comes from files. */
  readonly store: AuthorityStore | null;
}

export async function findOwnNamespace(
  cluster: Cluster,
  first: ConfigSnapshot,
  log: EventLog,
): Promise<OwnNamespace> {
  const { controller, server } = first.configuration;
  const namespace = controller.namespace || (await cluster.api.namespace());
  if (namespace === null) {
    throw new Error(
      'the cluster is known, but not in which namespace to live there: set controller.namespace',
    );
  }
  log.write('cluster-connected', { namespace, identity: cluster.identity });
  const isShared = server.webhook.tls.mode === 'self';
  return { cluster, namespace, store: isShared ? authoritySecret(cluster.api, namespace) : null };
}
