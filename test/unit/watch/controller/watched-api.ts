/** Fake API server that streams lists and changes of objects in memory; unknown kinds are not found. */
import { fields } from '../../../../src/util/unstructured.ts';
import {
  type ApiRequest,
  type KubernetesApi,
  KubernetesError,
  type WatchEvent,
} from '../../../../src/watch/kubernetes/api.ts';
import { ChangeStreams } from '../kubernetes/change-streams.ts';

type Json = Record<string, unknown>;

export class WatchedApi implements KubernetesApi {
  readonly #kinds = new Map<string, Map<string, Json>>();
  readonly #streams = new ChangeStreams();
  #version = 1;

  /** Makes a kind known. */
  install(path: string): void {
    this.#kinds.set(path, new Map());
  }

  put(path: string, name: string, object: Json): void {
    const version = { name, resourceVersion: String(++this.#version) };
    const stored = { ...object, metadata: { ...version, ...fields(object['metadata']) } };
    const objects = this.#kinds.get(path) ?? new Map<string, Json>();
    const type = objects.has(name) ? 'MODIFIED' : 'ADDED';
    this.#kinds.set(path, objects.set(name, stored));
    this.#streams.send(path, { type, object: stored });
  }

  remove(path: string, name: string): void {
    const object = this.#kinds.get(path)?.get(name);
    this.#kinds.get(path)?.delete(name);
    if (object) this.#streams.send(path, { type: 'DELETED', object });
  }

  request(): Promise<unknown> {
    return Promise.reject(new KubernetesError('Server', 'lists are streamed here', { status: 500 }));
  }

  watch(request: ApiRequest): AsyncGenerator<WatchEvent> {
    const objects = this.#kinds.get(request.path);
    if (!objects) throw new KubernetesError('NotFound', `${request.path} is not installed`, { status: 404 });
    return this.#streams.watch(request, [...objects.values()], this.#version);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
