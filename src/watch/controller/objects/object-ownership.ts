/** Relation between an ImageInspection and the images in use: by its name and by its spec. */
import { apiVersion, kind } from '../../api/names.ts';
import type { ImageInspection } from '../../api/parse-inspection.ts';
import type { WorkloadEvent } from '../status/events/events.ts';
import type { UsageIndex } from '../usage/usage-index.ts';
import type { Usage } from '../usage/usage.ts';
import { printable } from './writer.ts';

export type Usages = Pick<UsageIndex, 'get' | 'imageKey'>;
type OwnershipFields = Pick<ImageInspection, 'namespace' | 'name' | 'spec' | 'isManaged'>;

/** Returns the usage of its image; undefined for a managed object whose name belongs to another image: it is deleted. */
export function usageOf(object: OwnershipFields, usages: Usages): Usage | undefined {
  if (object.isManaged && !isObjectOfImage(object, usages)) return undefined;
  return usages.get(imageKey(object, usages));
}

/** Returns whether it is the one object of its image; otherwise a user created it, possibly for other platforms. */
export function isObjectOfImage(object: OwnershipFields, usages: Usages): boolean {
  return imageKey(object, usages) === objectKey(object);
}

/** Returns the usage of the image that this object's name belongs to, if its spec names another image. */
export function shadowedUsage(object: OwnershipFields, usages: Usages): Usage | undefined {
  return isObjectOfImage(object, usages) ? undefined : usages.get(objectKey(object));
}

export function objectReference({ namespace, name, uid }: ImageInspection): WorkloadEvent['regarding'] {
  return { apiVersion, kind, namespace, name, uid };
}

export function nameConflict(object: ImageInspection, shadowedImage: string): WorkloadEvent {
  return {
    regarding: objectReference(object),
    type: 'Warning',
    reason: 'NameTaken',
    message: `This object has the name reserved for image ${shadowedImage}, which pods in this namespace use, so that image cannot be reported. Recreate this object under another name.`,
  };
}

/** Returns the key of the object that its image has or will have. */
function imageKey(object: OwnershipFields, usages: Usages): string {
  const { image } = object.spec;
  const named = usages.get(objectKey(object));
  // The object's spec may have a sanitized form of the image; the usage has the original.
  if (named && printable(named.image) === image) return objectKey(object);
  return usages.imageKey(object.namespace, image);
}

function objectKey({ namespace, name }: OwnershipFields): string {
  return `${namespace}/${name}`;
}
