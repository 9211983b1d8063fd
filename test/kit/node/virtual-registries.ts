/** Registries of any name on one address: each host name has images of its own and, where a test wants it, faults. They speak HTTP on one port and HTTPS on others, by the certificates of an authority that nobody trusts unless told to. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { authority, expiredLeaf } from '../fakes/certificates.ts';
import type { Blob, Image, StoredManifest } from '../registries/images.ts';

/** Every registry's name ends with it. */
export const domain = 'registries.test';

/** A request for what a registry has. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  /** `manifests`, `blobs`; null for anything else, such as `/v2/`. */
  readonly kind: 'manifests' | 'blobs' | null;
  readonly repository: string;
  /** Tag or digest. */
  readonly key: string;
  readonly origin: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** Replaces the good answer, which is null where the registry has nothing of the kind; null leaves it as it is. */
export type Fault = (asked: Asked, good: Reply) => Reply | null;

export class VirtualHost {
  readonly log: { readonly method: string; readonly url: string; readonly status: number }[] = [];
  readonly #content = new Map<string, StoredManifest | Blob>();
  readonly #faults: Fault[] = [];

  add(repository: string, tag: string, { root, children, blobs }: Image): this {
    for (const each of [...children, root]) this.#content.set(`${repository}/manifests/${each.digest}`, each);
    for (const each of blobs) this.#content.set(`${repository}/blobs/${each.digest}`, each);
    this.#content.set(`${repository}/manifests/${tag}`, root);
    return this;
  }

  /** What a registry loses: a tag, a digest. Its blobs stay. */
  remove(repository: string, ...keys: readonly string[]): this {
    for (const key of keys) this.#content.delete(`${repository}/manifests/${key}`);
    return this;
  }

  removeBlob(repository: string, digest: string): this {
    this.#content.delete(`${repository}/blobs/${digest}`);
    return this;
  }

  with(...faults: readonly Fault[]): this {
    this.#faults.push(...faults);
    return this;
  }

  answer(asked: Asked): Reply {
    const good = this.#good(asked);
    for (const fault of this.#faults) {
      const reply = fault(asked, good);
      if (reply !== null) return reply;
    }
    return good;
  }

  #good({ path, kind, repository, key }: Asked): Reply {
    if (path === '/v2/' || path === '/v2') return { status: 200, body: '{}' };
    const found = this.#content.get(`${repository}/${kind}/${key}`);
    if (kind === null || found === undefined) {
      const code = kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN';
      return { status: 404, body: JSON.stringify({ errors: [{ code, message: 'not here' }] }) };
    }
    return {
      status: 200,
      headers: {
        'content-type': 'mediaType' in found ? found.mediaType : 'application/octet-stream',
        'docker-content-digest': found.digest,
      },
      body: found.body,
    };
  }
}

export interface VirtualRegistries extends AsyncDisposable {
  readonly plainPort: number;
  /** TLS with a certificate of `ca`. */
  readonly securePort: number;
  /** TLS with a certificate that ended yesterday. */
  readonly expiredPort: number;
  /** TLS that wants a certificate of `ca` from the client. */
  readonly mutualPort: number;
  /** PEM. */
  readonly ca: string;
  /** PEM texts of a client that `mutualPort` takes. */
  readonly client: { readonly cert: string; readonly key: string };
  host(name: string): VirtualHost;
  /** `http://NAME:PORT` */
  plainUrl(name: string): string;
}

export async function startVirtualRegistries(address: string): Promise<VirtualRegistries> {
  const hosts = new Map<string, VirtualHost>();
  const listener: RequestListener = (request, response) => serve(hosts, request, response);
  const ca = await authority('Registries of the box');
  const names = [`*.${domain}`];
  const good = await ca.leaf({ names });
  const client = await ca.leaf({ names: ['node'], usage: 'client' });
  const expired = await expiredLeaf(ca, names);
  const servers: readonly Server[] = [
    createServer(listener),
    createSecureServer(good, listener),
    createSecureServer(expired, listener),
    createSecureServer({ ...good, ca: ca.cert, requestCert: true, rejectUnauthorized: true }, listener),
  ];
  const ports = await Promise.all(servers.map((server, at) => listen(server, address, 5000 + at)));
  const [plainPort = 0, securePort = 0, expiredPort = 0, mutualPort = 0] = ports;
  return {
    plainPort,
    securePort,
    expiredPort,
    mutualPort,
    ca: ca.cert,
    client,
    host: (name) => {
      const found = hosts.get(name) ?? new VirtualHost();
      hosts.set(name, found);
      return found;
    },
    plainUrl: (name) => `http://${name}:${plainPort}`,
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

const route = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<key>[^/]+)$/;

function serve(
  hosts: ReadonlyMap<string, VirtualHost>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [name = ''] = (request.headers.host ?? '').split(':');
  const host = hosts.get(name);
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  const url = new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? 'nobody'}`);
  const { repository = '', kind, key = '' } = route.exec(url.pathname)?.groups ?? {};
  const reply: Reply = host?.answer({
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    authorization: request.headers.authorization ?? null,
    kind: kind === 'manifests' || kind === 'blobs' ? kind : null,
    repository,
    key,
    origin: url.origin,
  }) ?? { status: 404, body: `there is no registry ${name}` };
  const body = Buffer.from(reply.body ?? '');
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...reply.headers,
  };
  // An empty one is left out.
  response.writeHead(
    reply.status,
    Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
  );
  response.end(request.method === 'HEAD' ? undefined : body);
  host?.log.push({ method: request.method ?? '', url: request.url ?? '', status: reply.status });
}
