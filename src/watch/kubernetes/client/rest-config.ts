/** Address and credentials of the API server, from a kubeconfig or from the pod's service account. It opens no connection. */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { fields, text } from '../../../util/unstructured.ts';
import { clean } from '../../../util/text/text.ts';
import { KubernetesError } from '../api.ts';

export interface RestConfigOptions {
  /** Path of the kubeconfig; null to use the pod's service account. */
  readonly kubeconfig: string | null;
  /** Environment variables; `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` locate the API server from a pod. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder with token, CA and namespace; defaults to where the kubelet mounts it. */
  readonly serviceAccountFolder?: string;
}

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Settings of one request. They are loaded for each request because tokens and certificates rotate. */
export interface RestConfig {
  readonly server: URL;
  readonly proxy: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface RestConfigSource {
  /** Returns the current settings. Throws `KubernetesError` (`Unusable`). */
  load(): Promise<RestConfig>;
  /**
   * Makes the next `load` read files and run credential plugins again; it is called after the server answered
   * 401.
   */
  invalidate(): void;
  /**
   * Returns the namespace of the service account or of the kubeconfig's context; null if neither names one.
   */
  namespace(): Promise<string | null>;
}

const defaultServiceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export function createRestConfigSource(options: RestConfigOptions): RestConfigSource {
  let loading: Promise<KubeConfig> | null = null;
  const config = (): Promise<KubeConfig> => {
    // The next request reads the file again, because it may appear later.
    loading ??= loadKubeConfig(options).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    load: () => wrapErrors(options, async () => restConfigOf(await config())),
    invalidate() {
      loading = null;
    },
    namespace: () => wrapErrors(options, () => currentNamespace(options, config)),
  };
}

async function loadKubeConfig(options: RestConfigOptions): Promise<KubeConfig> {
  // The package is imported on demand, because loading it takes a second on a slow machine and 50 MiB.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  if (options.kubeconfig === null) loadInClusterConfig(config, options);
  else config.loadFromFile(options.kubeconfig);
  return config;
}

/** Replaces `loadFromCluster` of the client package, which reads the environment of the process. */
function loadInClusterConfig(config: KubeConfig, options: RestConfigOptions): void {
  const { KUBERNETES_SERVICE_HOST = '', KUBERNETES_SERVICE_PORT = '' } = options.environment;
  if (KUBERNETES_SERVICE_HOST === '' || KUBERNETES_SERVICE_PORT === '')
    throw new Error('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: not running in a pod');
  const folder = options.serviceAccountFolder ?? defaultServiceAccountFolder;
  const name = 'in-cluster';
  config.loadFromOptions({
    clusters: [
      {
        name,
        server: `https://${KUBERNETES_SERVICE_HOST.includes(':') ? `[${KUBERNETES_SERVICE_HOST}]` : KUBERNETES_SERVICE_HOST}:${KUBERNETES_SERVICE_PORT}`,
        caFile: join(folder, 'ca.crt'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name, authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } } }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
}

async function restConfigOf(config: KubeConfig): Promise<RestConfig> {
  const cluster = config.getCurrentCluster();
  const server = URL.parse(cluster?.server ?? '');
  if (!cluster || !server) throw new Error('its current context does not name a cluster with a server');
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
      ...pemText('ca', options.ca),
      ...pemText('cert', options.cert),
      ...pemText('key', options.key),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
      ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
    },
  };
}

function pemText(name: 'ca' | 'cert' | 'key', value: unknown): TlsMaterial {
  // The value is a Buffer if it was read from a file, and a string if it comes from an exec plugin.
  const pem = Buffer.isBuffer(value) ? value.toString('utf8') : text(value);
  return pem === '' ? {} : { [name]: pem };
}

async function currentNamespace(
  options: RestConfigOptions,
  config: () => Promise<KubeConfig>,
): Promise<string | null> {
  if (options.kubeconfig !== null) {
    const loaded = await config();
    return loaded.getContextObject(loaded.getCurrentContext())?.namespace || null;
  }
  const file = join(options.serviceAccountFolder ?? defaultServiceAccountFolder, 'namespace');
  return (await readFile(file, 'utf8')).trim() || null;
}

async function wrapErrors<T>(options: RestConfigOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const source = options.kubeconfig === null ? 'the service account' : `kubeconfig ${options.kubeconfig}`;
    const reason = clean(text(fields(cause)['message']));
    throw new KubernetesError('Unusable', `${source} cannot be used: ${reason}`, { cause });
  }
}
