/** Where the API server is and what to show it: of a kubeconfig or of the pod's service account. It opens no connection. */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { fields, text } from '../../../util/unstructured.ts';
import { clean } from '../../../util/text/text.ts';
import { KubernetesError } from '../api.ts';

export interface AccessOptions {
  /** Path; null: in a cluster. */
  readonly kubeconfig: string | null;
  /** Of it, `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` tell where the cluster's API server is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the kubelet puts token, CA and namespace; the usual folder when absent. */
  readonly serviceAccountFolder?: string;
}

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** For one request: tokens and certificates rotate. */
export interface Access {
  readonly server: URL;
  readonly proxy: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface AccessSource {
  /** Throws `KubernetesError` (`Unusable`). */
  access(): Promise<Access>;
  /** The server does not know who we are: files are read, and plugins asked, anew. */
  refused(): void;
  /** Of the service account, or of the kubeconfig's context; null: none is named. */
  namespace(): Promise<string | null>;
}

const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export function accessSource(options: AccessOptions): AccessSource {
  let loading: Promise<KubeConfig> | null = null;
  const config = (): Promise<KubeConfig> => {
    // A file that is not there yet is looked for again.
    loading ??= load(options).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    access: () => usable(options, async () => accessOf(await config())),
    refused() {
      loading = null;
    },
    namespace: () => usable(options, () => namespaceOf(options, config)),
  };
}

async function load(options: AccessOptions): Promise<KubeConfig> {
  // It takes a second of a slow machine and 50 MiB: only who talks to an API server pays for that.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  if (options.kubeconfig === null) inCluster(config, options);
  else config.loadFromFile(options.kubeconfig);
  return config;
}

/** Not the client's own `loadFromCluster`: it reads the environment of the process. */
function inCluster(config: KubeConfig, options: AccessOptions): void {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = options.environment;
  if (host === '' || port === '')
    throw new Error('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod');
  const folder = options.serviceAccountFolder ?? usualFolder;
  const name = 'in-cluster';
  config.loadFromOptions({
    clusters: [
      {
        name,
        server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
        caFile: join(folder, 'ca.crt'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name, authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } } }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
}

async function accessOf(config: KubeConfig): Promise<Access> {
  const cluster = config.getCurrentCluster();
  const server = URL.parse(cluster?.server ?? '');
  if (!cluster || !server) throw new Error('its current context names no cluster with a server');
  const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const basic: Record<string, string> = options.auth
    ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` }
    : {};
  const headers = Object.entries(options.headers).map(([name, value]) => [name, value.trim()]);
  return {
    server,
    proxy: cluster.proxyUrl || null,
    headers: { ...basic, ...Object.fromEntries(headers) },
    tls: {
      ...pem('ca', options.ca),
      ...pem('cert', options.cert),
      ...pem('key', options.key),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
      ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
    },
  };
}

function pem(name: 'ca' | 'cert' | 'key', value: unknown): TlsMaterial {
  // Of files it is bytes, of a plugin text.
  const written = Buffer.isBuffer(value) ? value.toString('utf8') : text(value);
  return written === '' ? {} : { [name]: written };
}

async function namespaceOf(
  options: AccessOptions,
  config: () => Promise<KubeConfig>,
): Promise<string | null> {
  if (options.kubeconfig !== null) {
    const loaded = await config();
    return loaded.getContextObject(loaded.getCurrentContext())?.namespace || null;
  }
  const file = join(options.serviceAccountFolder ?? usualFolder, 'namespace');
  return (await readFile(file, 'utf8')).trim() || null;
}

async function usable<T>(options: AccessOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const what = options.kubeconfig === null ? 'the service account' : `kubeconfig ${options.kubeconfig}`;
    const why = clean(text(fields(cause)['message']));
    throw new KubernetesError('Unusable', `${what} cannot be used: ${why}`, { cause });
  }
}
