/** Writes of objects: creation, server-side apply of a status, deletion with preconditions. */
import { type Fields, fields, text } from '../../util/unstructured.ts';
import type { KubernetesApi } from './api.ts';
import { apiVersionOf, pathOf, type Resource } from './resource.ts';

/** Field manager of all fields that Pratique writes. */
export const fieldManager = 'pratique';

/** State that the object must still have; otherwise the request fails with `Conflict`. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface ObjectName {
  /** Namespace; undefined for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/**
 * Applies `object.status` and removes the fields that Pratique applied before and no longer names. It sends
 * only name, namespace, UID and version of `object.metadata`. With a `metadata.uid` the object is never
 * created again. Returns the stored object.
 */
export async function applyStatus(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  const { namespace, name, uid, resourceVersion } = fields(object['metadata']);
  // The metadata is reduced, because some kinds take labels and annotations from a status request.
  const metadata = { namespace, name, uid, resourceVersion };
  const applied = await api.request({
    method: 'PATCH',
    path: pathOf(resource, { ...objectNameOf(object), subresource: 'status' }),
    // `force` is safe, because no other client owns these fields, and a conflict would need a person to
    // resolve it.
    query: { fieldManager, force: true },
    // JSON is valid YAML, so the content type may name YAML.
    contentType: 'application/apply-patch+yaml',
    body: withType(resource, { metadata, status: object['status'] }),
    ...(signal ? { signal } : {}),
  });
  return fields(applied);
}

/** Creates an object. Throws `KubernetesError` (`AlreadyExists`) if the name is taken. */
export async function createObject(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  const created = await api.request({
    method: 'POST',
    path: pathOf(resource, { namespace: objectNameOf(object).namespace }),
    query: { fieldManager },
    body: withType(resource, object),
    ...(signal ? { signal } : {}),
  });
  return fields(created);
}

/**
 * Deletes an object. Throws `KubernetesError`: `NotFound` if the object does not exist, `Conflict` if it does
 * not match `preconditions`.
 */
export async function deleteObject(
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

function withType(resource: Resource, object: Fields): Fields {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function objectNameOf(object: Fields): ObjectName {
  const { namespace, name } = fields(object['metadata']);
  return { namespace: text(namespace) || undefined, name: text(name) };
}
