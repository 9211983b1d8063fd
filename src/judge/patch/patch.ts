/** RFC 6902 operations that pin images and leave our two annotations. They touch nothing else, and nothing twice. */
import type { ImageUse } from '../workload/image-use.ts';
import { originalImages, rememberedOriginals } from './originals.ts';
import { fields, isObject, text } from '../../util/unstructured.ts';
import { annotationOf, type Workload } from '../workload/workload.ts';

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** The worst result of the pod's images. */
export const verdictAnnotation = 'pratique.dev/verdict';

/** An image and what it shall become. */
export interface Pinning {
  readonly use: ImageUse;
  readonly pinned: string;
}

/** Images only: all that `pods/ephemeralcontainers` lets through. */
export function imagePatch(pinnings: readonly Pinning[]): readonly PatchOperation[] {
  return pinnings
    .filter(({ use, pinned }) => pinned !== use.image)
    .map(({ use, pinned }) => ({ op: 'replace', path: use.pointer, value: pinned }));
}

// apimachinery's TotalAnnotationSizeLimitB: one byte more and the API server refuses the pod.
const maxAnnotations = 256 * 1024;

/**
 * The annotations of the pod or template; `verdict` null: that one is left out. Where there is no room for them they are
 * left out altogether: a pod must not be refused for their sake.
 */
export function annotationPatch(
  workload: Workload,
  pinnings: readonly Pinning[],
  verdict: string | null,
): readonly PatchOperation[] {
  const originals = originalsOf(workload, pinnings);
  if (sizeOf(workload) + (originals ?? '').length * 3 + 128 > maxAnnotations) return [];
  const operations = annotate(workload, originalImages, originals);
  if (verdict !== null) operations.push(...annotate(workload, verdictAnnotation, verdict));
  return operations.some(({ op }) => op === 'add')
    ? [...missingParents(workload), ...operations]
    : operations;
}

/** JSON of what every pinned image of the workload was before; null when there is none. */
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
  const path = `${workload.pointer}/metadata/annotations/${escaped(key)}`;
  const present = annotationOf(workload, key) ?? null;
  if (value === present) return [];
  return value === null ? [{ op: 'remove', path }] : [{ op: 'add', path, value }];
}

/** `add` makes a member, never its parents. */
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

/** Bytes of keys and values, at most. */
function sizeOf({ pod }: Workload): number {
  const annotations = fields(fields(pod['metadata'])['annotations']);
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text(value)),
    0,
  );
}

/** RFC 6901. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
