/** Writes to objects: creation, server-side apply of a status, removal with preconditions. When to write is the caller's. */
import { type Fields, fields, text } from '../../util/unstructured.ts';
import type { KubernetesApi } from './api.ts';
import { apiVersionOf, pathOf, type Resource } from './resource.ts';

/** The one owner of all fields that Pratique writes. */
export const fieldManager = 'pratique';

/** What the object must still be, else it is a `Conflict`. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface ObjectName {
  /** undefined for what has no namespace. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/**
 * Makes the fields of `object.status` so, and takes back those that Pratique applied before and no longer names; nothing
 * else of `object` counts but its name, UID and version. With a `metadata.uid` it is never created anew. Gives the object
 * as it is stored.
 */
export async function applyStatus(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  const { namespace, name, uid, resourceVersion } = fields(object['metadata']);
  // Of some kinds the status carries labels and annotations along.
  const metadata = { namespace, name, uid, resourceVersion };
  const applied = await api.request({
    method: 'PATCH',
    path: pathOf(resource, { ...nameOf(object), subresource: 'status' }),
    // Nobody else has a say in these fields: a conflict would only ask a person what to do about it.
    query: { fieldManager, force: true },
    // JSON is YAML.
    contentType: 'application/apply-patch+yaml',
    body: typed(resource, { metadata, status: object['status'] }),
    ...(signal ? { signal } : {}),
  });
  return fields(applied);
}

/** Throws `KubernetesError` (`AlreadyExists`) where there is one of that name. */
export async function create(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  const created = await api.request({
    method: 'POST',
    path: pathOf(resource, { namespace: nameOf(object).namespace }),
    query: { fieldManager },
    body: typed(resource, object),
    ...(signal ? { signal } : {}),
  });
  return fields(created);
}

/** Throws `KubernetesError`: `NotFound` where there is none, `Conflict` where it is another than `preconditions` say. */
export async function remove(
  api: KubernetesApi,
  resource: Resource,
  { namespace, name }: ObjectName,
  preconditions: Preconditions,
  signal?: AbortSignal,
): Promise<void> {
  await api.request({
    method: 'DELETE',
    path: pathOf(resource, { namespace, name }),
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions },
    ...(signal ? { signal } : {}),
  });
}

function typed(resource: Resource, object: Fields): Fields {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function nameOf(object: Fields): ObjectName {
  const { namespace, name } = fields(object['metadata']);
  return { namespace: text(namespace) || undefined, name: text(name) };
}
