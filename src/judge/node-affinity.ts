/**
 * Node affinity that restricts a new pod to the nodes on which all of its images run (`policy.nodeAffinity`).
 */
import { fields, text } from '../util/unstructured.ts';
import type { EvaluationContext } from './context.ts';
import { messages } from './messages/reasons.ts';
import { platformRestriction, restrict } from './nodes/scheduling/platform-restriction.ts';
import { archLabel, osLabel } from './nodes/scheduling/scheduling-constraints.ts';
import { affinityPatch } from './patch/affinity-patch.ts';
import type { PatchOperation } from './patch/patch.ts';
import { addsAffinity, isActive } from './policy/decide.ts';
import { canChange } from './policy/pin-owners.ts';
import type { ImageVerdict } from './results.ts';
import type { Subject } from './subject.ts';
import { isGated, type Workload } from './workload/workload.ts';

export interface AffinityChange {
  readonly patch: readonly PatchOperation[];
  /** Evaluation of the restricted pod, which judges its images for the remaining nodes. */
  readonly context: EvaluationContext;
  /** Adds the reason of the restriction to the verdicts of that evaluation. */
  readonly explained: (images: readonly ImageVerdict[]) => readonly ImageVerdict[];
}

/** Returns the change, given the verdicts for all eligible nodes; null if the pod is not restricted. */
export function affinityFor(
  context: EvaluationContext,
  images: readonly ImageVerdict[],
): AffinityChange | null {
  const { subject, podContext } = context;
  if (!canAddAffinity(subject)) return null;
  const active = images.filter(({ policy }) => isActive(policy));
  if (!active.some((image) => needsAffinity(image, subject.workload))) return null;
  const missing = new Set(active.flatMap(({ missingPlatforms }) => missingPlatforms));
  const restriction = platformRestriction(podContext.eligibleGroups, missing);
  if (!restriction) return null;
  const { os, arch } = restriction;
  const patch = affinityPatch(subject.workload, [
    { key: osLabel, values: os },
    { key: archLabel, values: arch },
  ]);
  if (!patch || patch.length === 0) return null;
  const eligibleGroups = restrict(podContext.eligibleGroups, restriction);
  const kept = os.flatMap((system) => arch.map((architecture) => `${system}/${architecture}`));
  const before = new Map(active.map((image) => [image.use, image]));
  return {
    patch,
    context: { ...context, podContext: { ...podContext, eligibleGroups } },
    explained: (restricted) => restricted.map((image) => explain(image, before.get(image.use), kept)),
  };
}

/**
 * Returns true only for a new pod without a node: the API server rejects the change of a stored one. A pod
 * with a scheduling gate is excluded, because the controller that removes the gate may set the affinity
 * itself.
 */
function canAddAffinity({ workload, final, imagesOnly, old }: Subject): boolean {
  if (final || imagesOnly || workload.template || old || isGated(workload)) return false;
  return text(fields(workload.pod['spec'])['nodeName']) === '';
}

function needsAffinity({ policy, result }: ImageVerdict, workload: Workload): boolean {
  return result === 'platform-missing' && addsAffinity(policy) && canChange(workload, policy);
}

function explain(
  image: ImageVerdict,
  before: ImageVerdict | undefined,
  kept: readonly string[],
): ImageVerdict {
  if (!before || before.missingPlatforms.length === 0) return image;
  return { ...image, notes: [...image.notes, messages.affinityAdded(before.missingPlatforms, kept)] };
}
