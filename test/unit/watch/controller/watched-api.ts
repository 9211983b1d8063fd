/** An API server that streams lists and changes of objects in memory; a kind that nobody installed is not found. */
import { fields } from '../../../../src/util/unstructured.ts';
import {
  type ApiRequest,
  type KubernetesApi,
  KubernetesError,
  type WatchEvent,
} from '../../../../src/watch/kubernetes/api.ts';

type Json = Record<string, unknown>;

export class WatchedApi implements KubernetesApi {
  readonly #kinds = new Map<string, Map<string, Json>>();
  readonly #open = new Set<{ readonly path: string; readonly send: (event: WatchEvent) => void }>();
  #version = 1;

  /** From now on the kind is known. */
  install(path: string): void {
    this.#kinds.set(path, new Map());
  }

  put(path: string, name: string, object: Json): void {
    const version = { name, resourceVersion: String(++this.#version) };
    const stored = { ...object, metadata: { ...version, ...fields(object['metadata']) } };
    const objects = this.#kinds.get(path) ?? new Map<string, Json>();
    const type = objects.has(name) ? 'MODIFIED' : 'ADDED';
    this.#kinds.set(path, objects.set(name, stored));
    this.#send(path, { type, object: stored });
  }

  remove(path: string, name: string): void {
    const object = this.#kinds.get(path)?.get(name);
    this.#kinds.get(path)?.delete(name);
    if (object) this.#send(path, { type: 'DELETED', object });
  }

  request(): Promise<unknown> {
    return Promise.reject(new KubernetesError('Server', 'lists are streamed here', { status: 500 }));
  }

  async *watch({ path, signal }: ApiRequest): AsyncGenerator<WatchEvent> {
    const objects = this.#kinds.get(path);
    if (!objects) throw new KubernetesError('NotFound', `${path} is not there`, { status: 404 });
    const queue: WatchEvent[] = [...objects.values()].map((object) => ({ type: 'ADDED', object }));
    const end = { 'k8s.io/initial-events-end': 'true' };
    queue.push({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: String(this.#version), annotations: end } },
    });
    let wake = (): void => {};
    const watcher = {
      path,
      send: (event: WatchEvent) => {
        queue.push(event);
        wake();
      },
    };
    this.#open.add(watcher);
    signal?.addEventListener('abort', () => wake(), { once: true });
    try {
      for (;;) {
        for (let next = queue.shift(); next; next = queue.shift()) yield next;
        if (signal?.aborted) throw new KubernetesError('Aborted', 'it was called off');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#open.delete(watcher);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #send(path: string, event: WatchEvent): void {
    for (const watcher of this.#open) if (watcher.path === path) watcher.send(event);
  }
}
