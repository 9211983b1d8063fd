/** The images of a pod or template as they are used: what each was before it was pinned, and what runs of it. */
import { type Fields, fields, isObject, items, text } from '../../../util/unstructured.ts';
import { rememberedOriginals } from '../../../judge/patch/originals.ts';
import type { ImageUse } from '../../../judge/workload/image-use.ts';
import type { Workload } from '../../../judge/workload/workload.ts';
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';
import { digestInImageId } from './image-id.ts';
import type { UsedImage } from './pod-record.ts';

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** `status`: of the pod; a template has none. */
export function usedImages(workload: Workload, status: Fields): readonly UsedImage[] {
  const originals = rememberedOriginals(workload);
  const running = runningIn(status);
  return workload.uses.map((use) => ({
    container: use.container,
    kind: use.kind,
    pullPolicy: use.pullPolicy,
    image: bounded(use.image),
    original: bounded(originals.get(use) ?? withoutAnnotation(use)),
    running: running.get(use.container) ?? null,
  }));
}

// Beyond what is looked at as a reference: cut, it is still too long for one.
const maxImage = 1_100;

export function bounded(text: string, max = maxImage): string {
  // By way of bytes: a slice would keep the whole text in memory.
  return text.length <= max ? text : Buffer.from(text.slice(0, max)).toString();
}

/** What stands before the digest where a tag stands there: `nginx:1` of `nginx:1@sha256:…`, else null. */
export function taggedPart(image: string): string | null {
  const at = image.lastIndexOf('@');
  if (at <= 0 || !isDigest(image.slice(at + 1))) return null;
  const name = image.slice(0, at);
  // A colon before the last slash is a port's.
  return name.indexOf(':', name.lastIndexOf('/') + 1) > 0 ? name : null;
}

/**
 * `pods/ephemeralcontainers` lets no annotation through, so there the tag tells. Elsewhere an image by digest without an
 * annotation is as somebody wrote it.
 */
function withoutAnnotation({ kind, image }: ImageUse): string {
  return (kind === 'ephemeral' ? taggedPart(image) : null) ?? image;
}

/** Container, or `volume:NAME` → the digest of what it runs. */
function runningIn(status: Fields): ReadonlyMap<string, Digest> {
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
