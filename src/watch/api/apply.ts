/** Builders of the objects and statuses that Pratique sends to the API server with the field manager `pratique`. */
import type { Fields } from '../../util/unstructured.ts';
import { apiVersion, kind, managedBy, managedByLabel } from './names.ts';
import type { ImageInspection } from './parse-inspection.ts';
import type { Status } from './schema.ts';

/** Returns a new ImageInspection for an image in use. */
export function buildInspection(namespace: string, name: string, image: string): Fields {
  return {
    apiVersion,
    kind,
    metadata: { namespace, name, labels: { [managedByLabel]: managedBy } },
    spec: { image },
  };
}

/**
 * Returns a status update for the resourceVersion it was made for: another version, or another object of the same name,
 * fails with `Conflict` (a status request ignores the UID). Empty lists are omitted to keep the object short.
 */
export function buildStatusUpdate(
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
