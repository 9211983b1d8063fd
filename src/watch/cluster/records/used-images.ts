/** Projection of the images of a pod or template: original image, pinned image, running digest. */
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { rememberedOriginals } from '../../../judge/patch/originals.ts';
import type { ImageUse } from '../../../judge/workload/image-use.ts';
import { isPlaceholder } from '../../../judge/workload/placeholder.ts';
import type { Workload } from '../../../judge/workload/workload.ts';
import { referenceIn } from '../../../judge/image/references.ts';
import { isDigest } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { nameOf } from '../../../resolve/reference/format.ts';
import { type ImageId, parseImageId } from './image-id.ts';
import type { RunningDigest, UsedImage } from './pod-record.ts';

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** Returns the images. `status` is the pod's status; a template has none. */
export function projectImages(workload: Workload, status: Fields): readonly UsedImage[] {
  const originals = rememberedOriginals(workload);
  const running = readImageIds(status);
  // A placeholder in a template is replaced when the pod is created, so it is not an image in use.
  const uses = workload.uses.filter((use) => !(workload.template && isPlaceholder(use, workload)));
  return uses.map((use) => ({
    container: use.container,
    kind: use.kind,
    pullPolicy: use.pullPolicy,
    image: truncate(use.image),
    original: truncate(originals.get(use) ?? originalWithoutAnnotation(use)),
    running: runningDigest(running.get(use.container), use.image),
  }));
}

// Limit of an image text in characters. It is longer than any valid reference, so that a truncated one stays
// invalid.
const maxImage = 1_100;

export function truncate(text: string, max = maxImage): string {
  // The text is copied through a Buffer, because a slice would keep the whole text in memory.
  return text.length <= max ? text : Buffer.from(text.slice(0, max)).toString();
}

/**
 * Returns the part before the digest if it has a tag, such as `nginx:1` for `nginx:1@sha256:…`; null
 * otherwise.
 */
export function taggedPart(image: string): string | null {
  const at = image.lastIndexOf('@');
  if (at <= 0 || !isDigest(image.slice(at + 1))) return null;
  const name = image.slice(0, at);
  // A colon before the last slash belongs to a port.
  return name.indexOf(':', name.lastIndexOf('/') + 1) > 0 ? name : null;
}

/**
 * Returns the tagged part for ephemeral containers, because the API server drops annotations on
 * `pods/ephemeralcontainers`. In other containers an image with a digest and without the annotation is as the
 * user wrote it.
 */
function originalWithoutAnnotation({ kind, image }: ImageUse): string {
  return (kind === 'ephemeral' ? taggedPart(image) : null) ?? image;
}

/**
 * Returns the digest only if it belongs to the image's own repository: a runtime may report any name that the
 * node has for the same image.
 */
function runningDigest(imageId: ImageId | 'unknown' | undefined, image: string): RunningDigest | null {
  if (imageId === undefined || imageId === 'unknown') return imageId ?? null;
  const [reported, own] = [referenceIn(imageId.repository), referenceIn(image)];
  if (reported instanceof InvalidReference || own instanceof InvalidReference) return 'unknown';
  return nameOf(reported) === nameOf(own) ? imageId.digest : 'unknown';
}

/** Maps a container name, or `volume:NAME`, to the image that it runs. */
function readImageIds(status: Fields): ReadonlyMap<string, ImageId | 'unknown'> {
  const running = new Map<string, ImageId | 'unknown'>();
  const note = (container: string, imageId: unknown): void => {
    const written = text(imageId);
    if (written !== '') running.set(container, parseImageId(written) ?? 'unknown');
  };
  for (const container of statusLists.flatMap((list) => items(status[list])).filter(isObject)) {
    note(text(container['name']), container['imageID']);
    for (const mount of items(container['volumeMounts']).filter(isObject)) {
      note(`volume:${text(mount['name'])}`, fields(fields(mount['volumeStatus'])['image'])['imageRef']);
    }
  }
  return running;
}
