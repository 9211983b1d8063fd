/** What is to be judged of a workload: which of its images, in which state of its admission. */
import type { ImageUse } from './workload/image-use.ts';
import type { Workload } from './workload/workload.ts';

export interface Subject {
  readonly workload: Workload;
  /** Where it is created: the request knows it even if the object says none. */
  readonly namespace: string;
  /** The images to judge: all, or on an update those that changed. */
  readonly uses: readonly ImageUse[];
  /** Nothing will pin it any more (the validating pass): what it says now counts. */
  readonly final: boolean;
  /** The API server drops metadata here (`pods/ephemeralcontainers`): images only. */
  readonly imagesOnly: boolean;
  /** The object before an update. */
  readonly old: Workload | null;
}

/** All images of a workload that is about to be created; `namespace`: where it goes if it does not say. */
export function subjectOf(workload: Workload, namespace: string): Subject {
  return {
    workload,
    namespace: workload.namespace || namespace,
    uses: workload.uses,
    final: false,
    imagesOnly: false,
    old: null,
  };
}

/** The uses whose image differs from what `old` has in the same place. */
export function changedUses(uses: readonly ImageUse[], old: Workload): readonly ImageUse[] {
  const before = imagesBefore(old);
  return uses.filter((use) => before.get(placeOf(use)) !== use.image);
}

/** The image that stood before in the place of `use`. */
export function imageBefore(use: ImageUse, old: Workload | null): string | undefined {
  return old?.uses.find((other) => placeOf(other) === placeOf(use))?.image;
}

function imagesBefore(old: Workload): ReadonlyMap<string, string> {
  return new Map(old.uses.map((use) => [placeOf(use), use.image]));
}

/** Lists may be reordered; names are unique per kind. */
function placeOf({ kind, container }: ImageUse): string {
  return `${kind}/${container}`;
}
