/** The annotation that remembers what pinned images were before: read with suspicion, written in full every time. */
import { InvalidReference } from '../../resolve/reference/error.ts';
import { nameOf } from '../../resolve/reference/format.ts';
import { parseReference } from '../../resolve/reference/parse.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { ImageUse } from '../workload/image-use.ts';
import { entry } from '../../util/unstructured.ts';
import { annotationOf, type Workload } from '../workload/workload.ts';

/** JSON: container name, or `volume:NAME` → image as written. */
export const originalImages = 'pratique.dev/original-images';

/**
 * What images were before they were pinned, as the annotation says. Left out is what is not to be believed: an image that
 * is not by digest, or of another repository than what is remembered (anybody can write an annotation).
 */
export function rememberedOriginals(workload: Workload): ReadonlyMap<ImageUse, string> {
  const annotation = annotationOf(workload, originalImages);
  if (annotation === undefined) return new Map();
  const remembered = parseJson(annotation);
  return new Map(
    workload.uses.flatMap((use) => {
      const original = entry(remembered, use.container);
      return original !== undefined && believable(original, use.image) ? [[use, original] as const] : [];
    }),
  );
}

function believable(original: string, image: string): boolean {
  const [before, now] = [parse(original), parse(image)];
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

function parse(image: string): Reference | null {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}
