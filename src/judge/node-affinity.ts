/** Whether a pod is kept to those of its nodes that all of its images fit (`policy.affinity: add`), and what follows from that. Pure. */
import type { Case } from './context.ts';
import { words } from './messages/reasons.ts';
import { archLabel, osLabel } from './nodes/scheduling/scheduling-constraints.ts';
import { narrowed, narrowingOf } from './nodes/scheduling/platform-restriction.ts';
import type { Subject } from './subject.ts';
import type { ImageVerdict } from './results.ts';
import { affinityPatch } from './patch/affinity-patch.ts';
import type { Operation } from './patch/patch.ts';
import { fields, text } from '../util/unstructured.ts';

export interface Keeping {
  readonly patch: readonly Operation[];
  /** The same case once the pod is kept: its images are judged for the nodes that are left. */
  readonly of: Case;
  /** Verdicts of then, which tell why. */
  readonly explained: (images: readonly ImageVerdict[]) => readonly ImageVerdict[];
}

/** `images`: the verdicts for all eligible nodes. null: the pod stays as it is. */
export function keepingOf(of: Case, images: readonly ImageVerdict[]): Keeping | null {
  const { subject, surroundings } = of;
  if (!mayBeKept(subject)) return null;
  const acted = images.filter(({ policy: { mode } }) => mode === 'enforce' || mode === 'warn');
  if (!acted.some(asksForIt)) return null;
  const missing = new Set(acted.flatMap(({ missingPlatforms }) => missingPlatforms));
  const narrowing = narrowingOf(surroundings.landings, missing);
  if (!narrowing) return null;
  const { os, arch } = narrowing;
  const choices = [
    { key: osLabel, values: os },
    { key: archLabel, values: arch },
  ];
  const patch = affinityPatch(subject.workload, choices);
  if (!patch || patch.length === 0) return null;
  const landings = narrowed(surroundings.landings, narrowing);
  const kept = os.flatMap((system) => arch.map((architecture) => `${system}/${architecture}`));
  return {
    patch,
    of: { ...of, surroundings: { ...surroundings, landings } },
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
function mayBeKept({ workload, final, imagesOnly, old }: Subject): boolean {
  if (final || imagesOnly || workload.template || old) return false;
  return text(fields(workload.pod['spec'])['nodeName']) === '';
}

function asksForIt({ policy, result }: ImageVerdict): boolean {
  return policy.affinity === 'add' && result === 'platform-missing';
}

function explain(
  image: ImageVerdict,
  before: ImageVerdict | undefined,
  kept: readonly string[],
): ImageVerdict {
  if (!before || before.missingPlatforms.length === 0) return image;
  return { ...image, notes: [...image.notes, words.keptOff(before.missingPlatforms, kept)] };
}
