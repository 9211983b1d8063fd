/** Which image in use an ImageInspection is about, by its name and by what it says. What is to become of it, the reconciler knows. */
import { apiVersion, kind } from '../../api/names.ts';
import type { ImageInspection } from '../../api/read.ts';
import type { WorkloadEvent } from '../status/events/events.ts';
import type { UsageIndex } from '../usage/usage-index.ts';
import type { Usage } from '../usage/usage.ts';
import { writable } from './writer.ts';

export type Usages = Pick<UsageIndex, 'get' | 'keyOf'>;
type About = Pick<ImageInspection, 'namespace' | 'name' | 'spec' | 'isManaged'>;

/** Its own users'. One with our label and a name that is not its image's is about none: it goes. */
export function usageAbout(object: About, usages: Usages): Usage | undefined {
  if (object.isManaged && !standsForImage(object, usages)) return undefined;
  return usages.get(imageKeyOf(object, usages));
}

/** Is it the one object that its image has? Else it is a question that a person asks, maybe of other platforms. */
export function standsForImage(object: About, usages: Usages): boolean {
  return imageKeyOf(object, usages) === keyOf(object);
}

/** Of the image whose object is to have this name, which is about another one. */
export function usageHiddenBy(object: About, usages: Usages): Usage | undefined {
  return standsForImage(object, usages) ? undefined : usages.get(keyOf(object));
}

export function nameConflict({ namespace, name, uid }: ImageInspection, hidden: string): WorkloadEvent {
  return {
    regarding: { apiVersion, kind, namespace, name, uid },
    type: 'Warning',
    reason: 'NameTaken',
    message: `is not about ${hidden}, which pods here use and whose ImageInspection has this name: it cannot be shown. Delete this object, and make it again under another name`,
  };
}

/** Of the object that its image has, or is to have. */
function imageKeyOf(object: About, usages: Usages): string {
  const { image } = object.spec;
  const named = usages.get(keyOf(object));
  // What was too odd to be written there is still known to those who use it.
  if (named && writable(named.image) === image) return keyOf(object);
  return usages.keyOf(object.namespace, image);
}

function keyOf({ namespace, name }: About): string {
  return `${namespace}/${name}`;
}
