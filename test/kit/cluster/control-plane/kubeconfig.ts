/** A kubeconfig for a cluster and users with tokens. Not for reading one. */
import { stringify } from 'yaml';

export interface KubeconfigUser {
  /** Name of the user and of the context. */
  readonly name: string;
  readonly token: string;
  readonly namespace?: string;
}

/** YAML text; the first user's context is the current one. `tlsServerName`: the name in the server's certificate, where that is not the host of `server`. */
export function kubeconfig(
  server: string,
  ca: string,
  users: readonly KubeconfigUser[],
  tlsServerName?: string,
): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'pratique',
        cluster: {
          server,
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
          ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
        },
      },
    ],
    users: users.map(({ name, token }) => ({ name, user: { token } })),
    contexts: users.map(({ name, namespace }) => ({
      name,
      context: { cluster: 'pratique', user: name, ...(namespace !== undefined && { namespace }) },
    })),
    'current-context': users[0]?.name ?? '',
  });
}
