/**
 * JSON patch that pins images and writes the two annotations of Pratique. It changes nothing else, and never
 * makes the same change twice.
 */
import { fields, isObject, text } from '../../util/unstructured.ts';
import type { ImageUse } from '../workload/image-use.ts';
import { annotationOf, type Workload } from '../workload/workload.ts';
import { originalImages, rememberedOriginals } from './originals.ts';

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Annotation with the worst result of the pod's images. */
export const verdictAnnotation = 'pratique.dev/verdict';

/** Image and its pinned text. */
export interface Pinning {
  readonly use: ImageUse;
  readonly pinned: string;
}

/** Returns the operations on images, the only ones that `pods/ephemeralcontainers` accepts. */
export function imagePatch(pinnings: readonly Pinning[]): readonly PatchOperation[] {
  return pinnings
    .filter(({ use, pinned }) => pinned !== use.image)
    .map(({ use, pinned }) => ({ op: 'replace', path: use.pointer, value: pinned }));
}

// Limit of all annotations (apimachinery's TotalAnnotationSizeLimitB): the API server rejects a pod with one
// byte more.
const maxAnnotations = 256 * 1024;

/**
 * Returns the operations on annotations of the pod or template; a `verdict` of null is not written. Returns
 * none if they would exceed the limit: a pod must not be rejected because of Pratique's annotations.
 */
export function annotationPatch(
  workload: Workload,
  pinnings: readonly Pinning[],
  verdict: string | null,
): readonly PatchOperation[] {
  const originals = originalsOf(workload, pinnings);
  if (annotationBytes(workload) + (originals ?? '').length * 3 + 128 > maxAnnotations) return [];
  const operations = annotate(workload, originalImages, originals);
  if (verdict !== null) operations.push(...annotate(workload, verdictAnnotation, verdict));
  return operations.some(({ op }) => op === 'add')
    ? [...missingParents(workload), ...operations]
    : operations;
}

/** Returns JSON with the original of every pinned image; null if there is none. */
function originalsOf(workload: Workload, pinnings: readonly Pinning[]): string | null {
  const remembered = rememberedOriginals(workload);
  const pinnedNow = new Set(imagePatch(pinnings).map(({ path }) => path));
  const originals = workload.uses.flatMap((use) => {
    const original = pinnedNow.has(use.pointer) ? use.image : remembered.get(use);
    return original === undefined ? [] : [[use.container, original] as const];
  });
  return originals.length === 0 ? null : JSON.stringify(Object.fromEntries(originals));
}

function annotate(workload: Workload, key: string, value: string | null): PatchOperation[] {
  const path = `${workload.pointer}/metadata/annotations/${escapePointer(key)}`;
  const present = annotationOf(workload, key) ?? null;
  if (value === present) return [];
  return value === null ? [{ op: 'remove', path }] : [{ op: 'add', path, value }];
}

/** Returns operations that create missing parents: `add` creates a member, but not its parents. */
function missingParents({ pod, pointer }: Workload): readonly PatchOperation[] {
  const metadata = `${pointer}/metadata`;
  const annotations = `${metadata}/annotations`;
  const operations: PatchOperation[] = [];
  if (!isObject(pod['metadata'])) operations.push({ op: 'add', path: metadata, value: {} });
  if (!isObject(fields(pod['metadata'])['annotations'])) {
    operations.push({ op: 'add', path: annotations, value: {} });
  }
  return operations;
}

/** Returns the number of bytes of all keys and values. */
function annotationBytes({ pod }: Workload): number {
  const annotations = fields(fields(pod['metadata'])['annotations']);
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text(value)),
    0,
  );
}

/** Escapes a member name for a JSON pointer (RFC 6901). */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
