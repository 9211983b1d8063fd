/** Fake API server in memory: resourceVersions, conflicts, merge patches, watches. It has no wire; `client.test.ts` covers that. */
import { type Fields, fields, text } from '../../../../src/util/unstructured.ts';
import {
  type ApiRequest,
  type KubernetesApi,
  KubernetesError,
} from '../../../../src/watch/kubernetes/api.ts';
import { ChangeStreams } from './change-streams.ts';

export interface StoredApi extends KubernetesApi {
  /** Requests in order, as `POST /path`. */
  readonly asked: readonly string[];
  object(path: string): Fields | undefined;
  put(path: string, object: Fields): void;
  delete(path: string): void;
  /** Fails requests while `by` returns an error; a promise delays them. */
  fail(by: ((request: ApiRequest) => KubernetesError | Promise<never> | null) | null): void;
}

export function storedApi(): StoredApi {
  const objects = new Map<string, Fields>();
  const asked: string[] = [];
  const streams = new ChangeStreams();
  let versions = 0;
  let failing: Parameters<StoredApi['fail']>[0] = null;

  const put = (path: string, object: Fields): Fields => {
    versions++;
    const metadata = {
      creationTimestamp: '2026-01-02T03:04:05Z',
      ...fields(object['metadata']),
      resourceVersion: String(versions),
    };
    const stored = structuredClone({ ...object, metadata });
    const type = objects.has(path) ? 'MODIFIED' : 'ADDED';
    objects.set(path, stored);
    streams.send(path.slice(0, path.lastIndexOf('/')), { type, object: stored });
    return stored;
  };
  const remove = (path: string): void => {
    const object = objects.get(path);
    objects.delete(path);
    if (object) streams.send(path.slice(0, path.lastIndexOf('/')), { type: 'DELETED', object });
  };
  const existing = (path: string): Fields => {
    const object = objects.get(path);
    if (!object) throw new KubernetesError('NotFound', `${path}: not found`, { status: 404 });
    return object;
  };
  const create = (path: string, body: Fields): Fields => {
    const own = `${path}/${text(fields(body['metadata'])['name'])}`;
    if (objects.has(own)) throw new KubernetesError('AlreadyExists', `${own}: exists`, { status: 409 });
    return put(own, body);
  };
  const update = (path: string, body: Fields): Fields => {
    const version = (of: Fields) => fields(of['metadata'])['resourceVersion'];
    if (version(existing(path)) !== version(body))
      throw new KubernetesError('Conflict', `${path}: was changed`, { status: 409 });
    return put(path, body);
  };
  const answer = ({ method = 'GET', path, body }: ApiRequest): Fields => {
    switch (method) {
      case 'GET':
        return structuredClone(existing(path));
      case 'POST':
        return create(path, fields(body));
      case 'PUT':
        return update(path, fields(body));
      case 'PATCH':
        return put(path, { ...existing(path), ...fields(body) });
      case 'DELETE':
        existing(path);
        remove(path);
        return {};
      default:
        return method satisfies never;
    }
  };

  return {
    asked,
    object: (path) => objects.get(path),
    put,
    delete: remove,
    fail(by) {
      failing = by;
    },
    async request(request) {
      asked.push(`${request.method ?? 'GET'} ${request.path}`);
      const failure = await failing?.(request);
      if (failure) throw failure;
      if (request.signal?.aborted) throw new KubernetesError('Aborted', 'cancelled');
      return answer(request);
    },
    async *watch(request) {
      const failure = await failing?.(request);
      if (failure) throw failure;
      const inCollection = [...objects].filter(([path]) => path.startsWith(`${request.path}/`));
      yield* streams.watch(
        request,
        inCollection.map(([, object]) => object),
        versions,
      );
    },
    close: () => Promise.resolve(),
  };
}
