/** The verdicts on all images of a workload, put together: one decision, its words and its patch. Pure. */
import type { EvaluationContext } from './context.ts';
import { verdictOf } from './image/image-verdict.ts';
import { formatDenial, notesAsWarnings, warningsOf } from './messages/denial.ts';
import { affinityFor } from './node-affinity.ts';
import type { Subject } from './subject.ts';
import { type Decision, stricter, type ImageVerdict, type Result, worseResult } from './results.ts';
import { annotationPatch, imagePatch, type PatchOperation } from './patch/patch.ts';

export interface Judgement {
  readonly decision: Decision;
  /** The worst result among the images that led to the decision; `none` when no image was judged. */
  readonly reason: Result | 'none';
  /** Of a denial, at most 4 KiB; else ''. */
  readonly message: string;
  /** At most 256 characters each, 4,096 in all. */
  readonly warnings: readonly string[];
  /** Those of `warnings` that are about pins and checks left out, not about verdicts. */
  readonly notes: readonly string[];
  readonly images: readonly ImageVerdict[];
  /** What the mutating webhook does to this very object; nothing to one that is final. */
  readonly patch: readonly PatchOperation[];
  /** The deadline came before all answers did. */
  readonly late: boolean;
}

/** undefined while answers are missing; every one of them has been looked for. */
export function judgementOf(of: EvaluationContext): Judgement | undefined {
  const images = verdictsOf(of);
  if (!images) return undefined;
  const keeping = affinityFor(of, images);
  if (!keeping) return summedUp(of, images, []);
  const kept = verdictsOf(keeping.of);
  return kept && summedUp(of, keeping.explained(kept), keeping.patch);
}

function verdictsOf(of: EvaluationContext): readonly ImageVerdict[] | undefined {
  const verdicts = of.subject.uses.map((use) => verdictOf(use, of));
  const images = verdicts.filter((verdict) => verdict !== undefined);
  return images.length < verdicts.length ? undefined : images;
}

function summedUp(
  { subject, podContext }: EvaluationContext,
  images: readonly ImageVerdict[],
  affinity: readonly PatchOperation[],
): Judgement {
  const decision = images.map((image) => image.decision).reduce(stricter, 'allow');
  return {
    decision,
    reason: worst(images.filter((image) => image.decision === decision)) ?? 'none',
    message: formatDenial(images),
    warnings: warningsOf(images, podContext.warnings),
    notes: notesAsWarnings(images, podContext.warnings),
    images,
    patch: subject.final ? [] : [...affinity, ...patchOf(subject, images)],
    late: false,
  };
}

function patchOf(
  { workload, imagesOnly }: Subject,
  images: readonly ImageVerdict[],
): readonly PatchOperation[] {
  const acted = images.filter(({ policy: { mode } }) => mode === 'enforce' || mode === 'warn');
  if (!workload.template) {
    const patch = imagePatch(acted);
    // The API server drops changes of metadata in `pods/ephemeralcontainers`.
    return imagesOnly ? patch : [...patch, ...annotationPatch(workload, acted, worst(acted))];
  }
  const pinned = acted.filter(({ policy: { pin } }) => pin === 'templates');
  // No verdict in a template: each change of it would roll all pods out anew.
  return [...imagePatch(pinned), ...annotationPatch(workload, pinned, null)];
}

function worst(images: readonly ImageVerdict[]): Result | null {
  return images.length === 0 ? null : images.map(({ result }) => result).reduce(worseResult);
}
