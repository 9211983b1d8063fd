/** What is sent to the API server by server-side apply, with the field manager `pratique`. Sending is the controller's. */
import { apiVersion, kind, managedBy, managedByLabel } from './names.ts';
import { type Status, specSchema } from './schema.ts';

/** Can an object be made for it? The API server refuses texts that no image has: too long, with control characters. */
export function isAcceptable(image: string): boolean {
  return specSchema.shape.image.safeParse(image).success;
}

/** Of an image in use that `isAcceptable`. */
export function objectToApply(namespace: string, name: string, image: string): object {
  return {
    apiVersion,
    kind,
    metadata: { namespace, name, labels: { [managedByLabel]: managedBy } },
    spec: { image },
  };
}

/** For the subresource `status`. Empty lists are left out: they would only be lines to read. */
export function statusToApply(
  object: { readonly namespace: string; readonly name: string; readonly uid?: string },
  status: Status,
): object {
  const { namespace, name, uid } = object;
  const written = Object.entries(status).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return {
    apiVersion,
    kind,
    // With its UID: a status must not land on another object that took the name meanwhile.
    metadata: { namespace, name, ...(uid ? { uid } : {}) },
    status: Object.fromEntries(written),
  };
}
