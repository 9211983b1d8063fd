/** What is sent to the API server, with the field manager `pratique`: objects to be created, statuses to be applied. Sending is the controller's. */
import type { Fields } from '../../util/unstructured.ts';
import { apiVersion, kind, managedBy, managedByLabel } from './names.ts';
import type { ImageInspection } from './read.ts';
import type { Status } from './schema.ts';

/** Of an image in use. */
export function objectOf(namespace: string, name: string, image: string): Fields {
  return {
    apiVersion,
    kind,
    metadata: { namespace, name, labels: { [managedByLabel]: managedBy } },
    spec: { image },
  };
}

/**
 * For the subresource `status`, of the version that it was made for: on another, or on another object that took the name
 * meanwhile, it is a conflict (a UID would not be looked at here). Empty lists are left out: they would only be lines to read.
 */
export function statusToApply(
  { namespace, name, resourceVersion }: Pick<ImageInspection, 'namespace' | 'name' | 'resourceVersion'>,
  status: Status,
): Fields {
  const written = Object.entries(status).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return {
    apiVersion,
    kind,
    metadata: { namespace, name, resourceVersion },
    status: Object.fromEntries(written),
  };
}
