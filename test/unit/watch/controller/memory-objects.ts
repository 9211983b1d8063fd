/** Fake API server for ImageInspections: versions, UIDs, generations and preconditions. */
import { fields, text } from '../../../../src/util/unstructured.ts';
import { type ImageInspection, readInspection } from '../../../../src/watch/api/parse-inspection.ts';
import {
  type ApiRequest,
  type KubernetesApi,
  KubernetesError,
} from '../../../../src/watch/kubernetes/api.ts';

type Json = Record<string, unknown>;

export class MemoryObjects implements KubernetesApi {
  /** `POST web-1`, `PATCH web-1/status`, `DELETE web-1`. */
  readonly writes: string[] = [];
  readonly #objects = new Map<string, Json>();
  #version = 100;
  /** Called before the next write is handled. */
  before: (() => void) | null = null;
  /** What the cache shows; outdated until `settle`. */
  #shown = new Map<string, ImageInspection>();

  async request({ method = 'GET', path, body, signal }: ApiRequest): Promise<unknown> {
    signal?.throwIfAborted();
    const [, namespace = '', inPath, status] =
      /namespaces\/([^/]+)\/imageinspections(?:\/([^/]+))?(\/status)?$/.exec(path) ?? [];
    const name = inPath ?? text(fields(fields(body)['metadata'])['name']);
    const key = `${namespace}/${name}`;
    this.writes.push(`${method} ${name.replace(/-[0-9a-f]{10}$/, '')}${status ?? ''}`);
    const { before } = this;
    this.before = null;
    before?.();
    const stored = this.#objects.get(key);
    if (method === 'POST' && stored)
      throw new KubernetesError('AlreadyExists', 'it is there', { status: 409 });
    if (method === 'DELETE') {
      if (!stored) throw new KubernetesError('NotFound', 'no such object', { status: 404 });
      this.#guard(stored, fields(fields(body)['preconditions']));
      this.#objects.delete(key);
      return stored;
    }
    if (status && !stored) throw new KubernetesError('NotFound', 'no such object', { status: 404 });
    if (stored) this.#guard(stored, fields(fields(body)['metadata']));
    const object = status ? { ...stored, status: fields(body)['status'] } : { ...fields(body) };
    return this.put(namespace, name, object, !status);
  }

  async *watch(): AsyncGenerator<never> {
    // There are no watches.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes an object, as another client does. */
  put(namespace: string, name: string, object: Json, isSpec = true): Json {
    const key = `${namespace}/${name}`;
    const before = fields(this.#objects.get(key)?.['metadata']);
    const generation = Number(before['generation'] ?? 0) + (isSpec ? 1 : 0);
    const own = fields(object['metadata']);
    const metadata = {
      labels: own['labels'] ?? before['labels'],
      annotations: own['annotations'] ?? before['annotations'],
      namespace,
      name,
      uid: text(before['uid']) || `uid-${name}-${this.#version}`,
      generation,
      resourceVersion: String(++this.#version),
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    const stored = { ...object, metadata };
    this.#objects.set(key, stored);
    return stored;
  }

  /** Sets annotations, as a user does. */
  annotate(key: string, annotations: Readonly<Record<string, string>>): void {
    const [namespace = '', name = ''] = key.split('/');
    const stored = this.#objects.get(key) ?? {};
    this.put(namespace, name, { ...stored, metadata: { ...fields(stored['metadata']), annotations } }, false);
  }

  /** Changes the spec, as a user does. */
  changeSpec(key: string, change: Json): void {
    const [namespace = '', name = ''] = key.split('/');
    const stored = this.#objects.get(key) ?? {};
    this.put(namespace, name, { ...stored, spec: { ...fields(stored['spec']), ...change } });
  }

  remove(key: string): void {
    this.#objects.delete(key);
  }

  /** Updates the cache. */
  settle(): void {
    this.#shown = new Map(
      [...this.#objects].flatMap(([key, object]) => {
        const read = readInspection(object);
        return read ? [[key, read] as const] : [];
      }),
    );
  }

  /** Returns the object as the cache shows it. */
  get(key: string): ImageInspection | undefined {
    return this.#shown.get(key);
  }

  #guard(stored: Json, { uid, resourceVersion }: Readonly<Record<string, unknown>>): void {
    const own = fields(stored['metadata']);
    const isOther = (wanted: unknown, has: unknown) => wanted !== undefined && wanted !== has;
    if (isOther(uid, own['uid']) || isOther(resourceVersion, own['resourceVersion'])) {
      throw new KubernetesError('Conflict', 'the object has been modified', { status: 409 });
    }
  }
}
