/** Projection of the images of a pod or template: original image, pinned image, running digest. */
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { rememberedOriginals } from '../../../judge/patch/originals.ts';
import type { ImageUse } from '../../../judge/workload/image-use.ts';
import type { Workload } from '../../../judge/workload/workload.ts';
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';
import { digestInImageId } from './image-id.ts';
import type { UsedImage } from './pod-record.ts';

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** `status` is the pod's; a template has none. */
export function projectImages(workload: Workload, status: Fields): readonly UsedImage[] {
  const originals = rememberedOriginals(workload);
  const running = readRunningDigests(status);
  return workload.uses.map((use) => ({
    container: use.container,
    kind: use.kind,
    pullPolicy: use.pullPolicy,
    image: truncate(use.image),
    original: truncate(originals.get(use) ?? originalWithoutAnnotation(use)),
    running: running.get(use.container) ?? null,
  }));
}

// Longer than any valid reference: a truncated one stays invalid.
const maxImage = 1_100;

export function truncate(text: string, max = maxImage): string {
  // Copied through a Buffer: a slice would keep the whole text in memory.
  return text.length <= max ? text : Buffer.from(text.slice(0, max)).toString();
}

/** Returns the part before the digest if it has a tag: `nginx:1` for `nginx:1@sha256:…`, otherwise null. */
export function taggedPart(image: string): string | null {
  const at = image.lastIndexOf('@');
  if (at <= 0 || !isDigest(image.slice(at + 1))) return null;
  const name = image.slice(0, at);
  // A colon before the last slash belongs to a port.
  return name.indexOf(':', name.lastIndexOf('/') + 1) > 0 ? name : null;
}

/**
 * Returns the tagged part for ephemeral containers: the API server drops annotations on `pods/ephemeralcontainers`. Elsewhere
 * an image with a digest and without the annotation is as a user wrote it.
 */
function originalWithoutAnnotation({ kind, image }: ImageUse): string {
  return (kind === 'ephemeral' ? taggedPart(image) : null) ?? image;
}

/** Returns container name, or `volume:NAME` → running digest. */
function readRunningDigests(status: Fields): ReadonlyMap<string, Digest> {
  const running = new Map<string, Digest>();
  const note = (container: string, imageId: unknown): void => {
    const digest = digestInImageId(text(imageId));
    if (digest !== null) running.set(container, digest);
  };
  for (const container of statusLists.flatMap((list) => items(status[list])).filter(isObject)) {
    note(text(container['name']), container['imageID']);
    for (const mount of items(container['volumeMounts']).filter(isObject)) {
      note(`volume:${text(mount['name'])}`, fields(fields(mount['volumeStatus'])['image'])['imageRef']);
    }
  }
  return running;
}
