/** Namespace of Pratique's own objects: the Lease, and the Secret with the CA that its replicas share. */
import type { EventLog } from '../observe/logs/logger.ts';
import type { AuthorityStore } from '../serve/certificates/authority/authority-store.ts';
import { authoritySecret } from '../watch/registration/authority-secret.ts';
import type { Cluster } from './cluster.ts';
import type { ConfigSnapshot } from './configuration/snapshot.ts';

export interface OwnNamespace {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** null if the certificate comes from files. */
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
    throw new Error("the namespace for Pratique's own objects is not known; set controller.namespace");
  }
  log.write('cluster-connected', { namespace, identity: cluster.identity });
  const isShared = server.webhook.tls.source.mode === 'self';
  return { cluster, namespace, store: isShared ? authoritySecret(cluster.api, namespace) : null };
}
