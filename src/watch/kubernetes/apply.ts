/** Writes to objects: server-side apply under one field owner, creation, removal with preconditions. When to write is the caller's. */
import { type Fields, fields, text } from '../../judge/workload/read.ts';
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
 * Makes the fields of `object` so, and takes back those that Pratique applied before and no longer names. `object` has a
 * `metadata.name`; `apiVersion` and `kind` are the resource's. With a `metadata.uid` it is never created anew. Gives the
 * object as it is stored.
 */
export function apply(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  return patch(api, resource, object, undefined, signal);
}

/** The same with `status`; nothing else of `object` counts but its name, UID and version. */
export function applyStatus(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  const { namespace, name, uid, resourceVersion } = fields(object['metadata']);
  // Of some kinds the status carries labels and annotations along.
  const metadata = { namespace, name, uid, resourceVersion };
  return patch(api, resource, { metadata, status: object['status'] }, 'status', signal);
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

async function patch(
  api: KubernetesApi,
  resource: Resource,
  object: Fields,
  subresource: 'status' | undefined,
  signal: AbortSignal | undefined,
): Promise<Fields> {
  const applied = await api.request({
    method: 'PATCH',
    path: pathOf(resource, { ...nameOf(object), subresource }),
    // Nobody else has a say in these fields: a conflict would only ask a person what to do about it.
    query: { fieldManager, force: true },
    // JSON is YAML.
    contentType: 'application/apply-patch+yaml',
    body: typed(resource, object),
    ...(signal ? { signal } : {}),
  });
  return fields(applied);
}

function typed(resource: Resource, object: Fields): Fields {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function nameOf(object: Fields): ObjectName {
  const { namespace, name } = fields(object['metadata']);
  return { namespace: text(namespace) || undefined, name: text(name) };
}
