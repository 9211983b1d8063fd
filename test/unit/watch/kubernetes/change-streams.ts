/** Watches of a fake API server: a streaming list, then each change, until the request's signal aborts. */
import { fields, text } from '../../../../src/util/unstructured.ts';
import { type ApiRequest, KubernetesError, type WatchEvent } from '../../../../src/watch/kubernetes/api.ts';

type Json = Readonly<Record<string, unknown>>;

interface OpenWatch {
  readonly path: string;
  readonly send: (event: WatchEvent) => void;
}

export class ChangeStreams {
  readonly #open = new Set<OpenWatch>();

  /** Sends a change of an object to the watches of its collection. */
  send(collection: string, event: WatchEvent): void {
    for (const watch of this.#open) if (watch.path === collection) watch.send(event);
  }

  /** `objects` are those of the collection; a field selector by name is applied. */
  async *watch({ path, query, signal }: ApiRequest, objects: readonly Json[], version: number) {
    const selected = (object: Json): boolean => {
      const selector = query?.['fieldSelector'];
      return selector === undefined || selector === `metadata.name=${nameOf(object)}`;
    };
    const queue: WatchEvent[] = objects.filter(selected).map((object) => ({ type: 'ADDED', object }));
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    queue.push({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } });
    let wake = (): void => {};
    const watch: OpenWatch = {
      path,
      send(event) {
        if (!selected(event.object)) return;
        queue.push(event);
        wake();
      },
    };
    this.#open.add(watch);
    signal?.addEventListener('abort', () => wake(), { once: true });
    try {
      for (;;) {
        for (let next = queue.shift(); next; next = queue.shift()) yield next;
        if (signal?.aborted) throw new KubernetesError('Aborted', 'cancelled');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#open.delete(watch);
    }
  }
}

function nameOf(object: Json): string {
  return text(fields(object['metadata'])['name']);
}
