/** The project's own small read-only registry in memory, for the demo. Not for storing anything: images are given when it starts. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Blob, Image, StoredManifest } from './images.ts';

/** One line of the access log. */
export interface Access {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

interface Repository {
  readonly tags: Map<string, StoredManifest>;
  readonly manifests: Map<string, StoredManifest>;
  readonly blobs: Map<string, Blob>;
}

const route = /^\/v2\/(?<name>[a-z0-9/._-]+)\/(?<kind>manifests|blobs)\/(?<key>[A-Za-z0-9:._-]+)$/;

export class EmbeddedRegistry {
  /** Every request answered, oldest first. */
  readonly log: Access[] = [];
  readonly #repositories = new Map<string, Repository>();
  readonly #server: Server = createServer((request, response) => this.#serve(request, response));

  /** Puts `image` under `name:tag`. */
  add(name: string, tag: string, image: Image): this {
    const repository = this.#repositories.get(name) ?? {
      tags: new Map(),
      manifests: new Map(),
      blobs: new Map(),
    };
    this.#repositories.set(name, repository);
    for (const blob of image.blobs) repository.blobs.set(blob.digest, blob);
    for (const manifest of [...image.children, image.root])
      repository.manifests.set(manifest.digest, manifest);
    repository.tags.set(tag, image.root);
    return this;
  }

  /** Listens on a free port of the loopback address, or on `port`; gives the base URL. */
  start(port = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://registry');
    const found = this.#find(pathname);
    if (found === 'root') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    else if (found === undefined) refuse(response, pathname);
    else {
      response.writeHead(200, {
        'content-type': 'mediaType' in found ? found.mediaType : 'application/octet-stream',
        'content-length': found.body.length,
        'docker-content-digest': found.digest,
      });
      response.end(request.method === 'HEAD' ? undefined : found.body);
    }
    this.log.push({
      method: request.method ?? '',
      url: request.url ?? '',
      status: response.statusCode,
    });
  }

  #find(path: string): Blob | StoredManifest | 'root' | undefined {
    if (path === '/v2/' || path === '/v2') return 'root';
    const { name = '', kind, key = '' } = route.exec(path)?.groups ?? {};
    const repository = this.#repositories.get(name);
    if (kind === 'blobs') return repository?.blobs.get(key);
    return repository?.tags.get(key) ?? repository?.manifests.get(key);
  }
}

function refuse(response: ServerResponse, path: string): void {
  const code = path.includes('/blobs/') ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN';
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ errors: [{ code, message: `${code.toLowerCase().replace('_', ' ')} to registry` }] }),
  );
}
