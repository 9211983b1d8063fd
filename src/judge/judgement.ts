/**
 * Judgement on a workload: the verdicts on its images, combined to one decision with its messages and its
 * patch.
 */
import type { EvaluationContext } from './context.ts';
import { verdictOf } from './image/image-verdict.ts';
import { formatDenial, formatNotes, formatWarnings } from './messages/denial.ts';
import { messages } from './messages/reasons.ts';
import { affinityFor } from './node-affinity.ts';
import { annotationPatch, imagePatch, type PatchOperation } from './patch/patch.ts';
import { isActive } from './policy/decide.ts';
import { type Decision, type ImageVerdict, type Result, stricter, worseResult } from './results.ts';
import type { Subject } from './subject.ts';
import type { ImageUse } from './workload/image-use.ts';

export interface Judgement {
  readonly decision: Decision;
  /** Worst result among the images that got this decision; `none` if no image was judged. */
  readonly reason: Result | 'none';
  /** Message of a denial, at most 4 KiB; otherwise ''. */
  readonly message: string;
  /** Warnings of at most 256 characters each, and 4,096 in all. */
  readonly warnings: readonly string[];
  /** Those of `warnings` that concern pins, affinity and omitted checks, and not verdicts. */
  readonly notes: readonly string[];
  readonly images: readonly ImageVerdict[];
  /** Changes that the mutating webhook makes to this object; empty if its state is final. */
  readonly patch: readonly PatchOperation[];
  /** True if the deadline passed before all inspections were known. */
  readonly late: boolean;
}

/**
 * Judges the workload. Returns undefined while inspections are missing, all of which it then requests.
 * `known` stores complete verdicts.
 */
export function judgementOf(
  context: EvaluationContext,
  known: Map<ImageUse, ImageVerdict>,
): Judgement | undefined {
  const images = verdictsOf(context, known);
  if (!images) return undefined;
  const affinity = affinityFor(context, images);
  if (!affinity) return combined(context, images, []);
  const restricted = verdictsOf(affinity.context, new Map());
  return restricted && combined(context, affinity.explained(restricted), affinity.patch);
}

function verdictsOf(
  context: EvaluationContext,
  known: Map<ImageUse, ImageVerdict>,
): readonly ImageVerdict[] | undefined {
  const { uses } = context.subject;
  const images = uses.flatMap((use) => {
    const verdict = known.get(use) ?? verdictOf(use, context);
    if (!verdict) return [];
    known.set(use, verdict);
    return [verdict];
  });
  return images.length < uses.length ? undefined : images;
}

function combined(
  context: EvaluationContext,
  images: readonly ImageVerdict[],
  affinity: readonly PatchOperation[],
): Judgement {
  const { subject } = context;
  const decision = images.map((image) => image.decision).reduce(stricter, 'allow');
  const warnings = contextWarnings(context);
  return {
    decision,
    reason: worstResult(images.filter((image) => image.decision === decision)) ?? 'none',
    message: formatDenial(images),
    warnings: formatWarnings(images, warnings),
    notes: formatNotes(images, warnings),
    images,
    patch: subject.final ? [] : [...affinity, ...patchOf(subject, images)],
    late: false,
  };
}

function contextWarnings({ subject, podContext, policies }: EvaluationContext): readonly string[] {
  const { labels, warnings } = podContext;
  const ignored = policies.ignoredLabel({ name: subject.namespace, labels });
  return ignored ? [messages.ignoredLabel(ignored), ...warnings] : warnings;
}

function patchOf(
  { workload, imagesOnly }: Subject,
  images: readonly ImageVerdict[],
): readonly PatchOperation[] {
  const active = images.filter(({ policy }) => isActive(policy));
  if (!workload.template) {
    const patch = imagePatch(active);
    // The API server drops changes of metadata in `pods/ephemeralcontainers`.
    return imagesOnly ? patch : [...patch, ...annotationPatch(workload, active, worstResult(active))];
  }
  const pinned = active.filter(({ policy: { pin } }) => pin === 'templates');
  // The verdict is not written into a template, because each change of it would replace all pods.
  return [...imagePatch(pinned), ...annotationPatch(workload, pinned, null)];
}

function worstResult(images: readonly ImageVerdict[]): Result | null {
  return images.length === 0 ? null : images.map(({ result }) => result).reduce(worseResult);
}
