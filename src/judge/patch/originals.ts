/**
 * Annotation with the original text of pinned images. It is not trusted when read, and always written as a
 * whole.
 */
import { InvalidReference } from '../../resolve/reference/error.ts';
import { nameOf } from '../../resolve/reference/format.ts';
import { parseReference } from '../../resolve/reference/parse.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { ImageUse } from '../workload/image-use.ts';
import { entry } from '../../util/unstructured.ts';
import { annotationOf, type Workload } from '../workload/workload.ts';

/** Annotation whose value is JSON: it maps a container name, or `volume:NAME`, to the image as written. */
export const originalImages = 'pratique.dev/original-images';

/**
 * Returns the original images that the annotation names. Any user can write an annotation, so it counts only
 * for an image that has a digest, and only if the original is in the same repository.
 */
export function rememberedOriginals(workload: Workload): ReadonlyMap<ImageUse, string> {
  const annotation = annotationOf(workload, originalImages);
  if (annotation === undefined) return new Map();
  const remembered = parseJson(annotation);
  return new Map(
    workload.uses.flatMap((use) => {
      const original = entry(remembered, use.container);
      return original !== undefined && isOriginalOf(original, use.image) ? [[use, original] as const] : [];
    }),
  );
}

function isOriginalOf(original: string, image: string): boolean {
  const [before, now] = [parseOrNull(original), parseOrNull(image)];
  if (!before || !now || before.digest !== null || now.digest === null) return false;
  return nameOf(before) === nameOf(now);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parseOrNull(image: string): Reference | null {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}
