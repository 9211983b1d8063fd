/** Whether a pod is kept to those of its nodes that all of its images fit (`policy.nodeAffinity: add`), and what follows from that. Pure. */
import type { EvaluationContext } from './context.ts';
import { messages } from './messages/reasons.ts';
import { archLabel, osLabel } from './nodes/scheduling/scheduling-constraints.ts';
import { restrict, platformRestriction } from './nodes/scheduling/platform-restriction.ts';
import type { Subject } from './subject.ts';
import type { ImageVerdict } from './results.ts';
import { affinityPatch } from './patch/affinity-patch.ts';
import type { PatchOperation } from './patch/patch.ts';
import { fields, text } from '../util/unstructured.ts';

export interface AffinityChange {
  readonly patch: readonly PatchOperation[];
  /** The same case once the pod is kept: its images are judged for the nodes that are left. */
  readonly of: EvaluationContext;
  /** Verdicts of then, which tell why. */
  readonly explained: (images: readonly ImageVerdict[]) => readonly ImageVerdict[];
}

/** `images`: the verdicts for all eligible nodes. null: the pod stays as it is. */
export function affinityFor(of: EvaluationContext, images: readonly ImageVerdict[]): AffinityChange | null {
  const { subject, podContext } = of;
  if (!canAddAffinity(subject)) return null;
  const acted = images.filter(({ policy: { mode } }) => mode === 'enforce' || mode === 'warn');
  if (!acted.some(asksForIt)) return null;
  const missing = new Set(acted.flatMap(({ missingPlatforms }) => missingPlatforms));
  const narrowing = platformRestriction(podContext.eligibleGroups, missing);
  if (!narrowing) return null;
  const { os, arch } = narrowing;
  const choices = [
    { key: osLabel, values: os },
    { key: archLabel, values: arch },
  ];
  const patch = affinityPatch(subject.workload, choices);
  if (!patch || patch.length === 0) return null;
  const eligibleGroups = restrict(podContext.eligibleGroups, narrowing);
  const kept = os.flatMap((system) => arch.map((architecture) => `${system}/${architecture}`));
  return {
    patch,
    of: { ...of, podContext: { ...podContext, eligibleGroups } },
    explained: (now) =>
      now.map((image) =>
        explain(
          image,
          acted.find(({ use }) => use === image.use),
          kept,
        ),
      ),
  };
}

/** A new pod that has no node yet; of one that is there already the API server would refuse the change. */
function canAddAffinity({ workload, final, imagesOnly, old }: Subject): boolean {
  if (final || imagesOnly || workload.template || old) return false;
  return text(fields(workload.pod['spec'])['nodeName']) === '';
}

function asksForIt({ policy, result }: ImageVerdict): boolean {
  return policy.nodeAffinity === 'add' && result === 'platform-missing';
}

function explain(
  image: ImageVerdict,
  before: ImageVerdict | undefined,
  kept: readonly string[],
): ImageVerdict {
  if (!before || before.missingPlatforms.length === 0) return image;
  return { ...image, notes: [...image.notes, messages.keptOff(before.missingPlatforms, kept)] };
}
