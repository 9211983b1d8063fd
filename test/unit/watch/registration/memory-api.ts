/** Fake API server for webhook registrations: objects by path, versions, JSON patches, watches. */
import {
  type ApiRequest,
  type KubernetesApi,
  KubernetesError,
} from '../../../../src/watch/kubernetes/api.ts';
import { ChangeStreams } from '../kubernetes/change-streams.ts';

export interface MemoryApi extends KubernetesApi {
  readonly objects: Map<string, Record<string, unknown>>;
  /** Requests in order, as `GET /path`. */
  readonly requests: string[];
  /** Stores an object and sends the change to watches. */
  put(path: string, object: Record<string, unknown>): void;
  /** Fails every request and watch. */
  failure: KubernetesError | null;
}

export function memoryApi(): MemoryApi {
  const objects = new Map<string, Record<string, unknown>>();
  const requests: string[] = [];
  const streams = new ChangeStreams();
  let version = 0;
  const store = (path: string, object: Record<string, unknown>) => {
    version += 1;
    const metadata = { ...(object['metadata'] as object), resourceVersion: String(version) };
    const stored = { ...object, metadata };
    const type = objects.has(path) ? 'MODIFIED' : 'ADDED';
    objects.set(path, stored);
    streams.send(path.slice(0, path.lastIndexOf('/')), { type, object: stored });
    return stored;
  };
  const api: MemoryApi = {
    objects,
    requests,
    failure: null,
    put: (path, object) => void store(path, object),
    async request(request) {
      await Promise.resolve();
      const { method = 'GET', path } = request;
      requests.push(`${method} ${path}`);
      if (api.failure) throw api.failure;
      return structuredClone(answer(objects, store, request));
    },
    watch(request) {
      requests.push(`WATCH ${request.path}?fieldSelector=${String(request.query?.['fieldSelector'])}`);
      if (api.failure) throw api.failure;
      const inCollection = [...objects].filter(([path]) => path.startsWith(`${request.path}/`));
      return streams.watch(
        request,
        inCollection.map(([, object]) => object),
        version,
      );
    },
    close: () => Promise.resolve(),
  };
  return api;
}

function answer(
  objects: ReadonlyMap<string, Record<string, unknown>>,
  store: (path: string, object: Record<string, unknown>) => Record<string, unknown>,
  { method = 'GET', path, body }: ApiRequest,
): unknown {
  const object = body as Record<string, unknown>;
  const name = (object?.['metadata'] as { name?: string } | undefined)?.name;
  const target = method === 'POST' ? `${path}/${name}` : path;
  const present = objects.get(target);
  if (method === 'POST') {
    if (present) throw new KubernetesError('AlreadyExists', 'there is one', { status: 409 });
    return store(target, object);
  }
  if (!present) throw new KubernetesError('NotFound', `${path}: not found`, { status: 404 });
  switch (method) {
    case 'GET':
      return present;
    case 'PUT': {
      const version = (each: Record<string, unknown>) =>
        (each['metadata'] as { resourceVersion?: string }).resourceVersion;
      if (version(object) !== version(present))
        throw new KubernetesError('Conflict', 'changed', { status: 409 });
      return store(target, object);
    }
    case 'PATCH':
      return store(target, patched(present, body as readonly Operation[]));
    case 'DELETE':
      throw new Error('the fake API server does not delete');
    default:
      return method satisfies never;
  }
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

/** Applies the JSON Patch operations `test` and `add`; a failed test is a 422. */
function patched(object: Record<string, unknown>, operations: readonly Operation[]): Record<string, unknown> {
  const copy = structuredClone(object);
  for (const { op, path, value } of operations) {
    const steps = path.split('/').slice(1);
    const key = steps.pop() ?? '';
    const parent = steps.reduce((at, step) => at[step] as Record<string, unknown>, copy);
    if (op === 'add') parent[key] = value;
    else if (parent[key] !== value) throw new KubernetesError('Invalid', `${path} differs`, { status: 422 });
  }
  return copy;
}
