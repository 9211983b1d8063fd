/** Subject of a judgement: a workload, which of its images are judged, and the state of its admission. */
import type { ImageUse } from './workload/image-use.ts';
import type { Workload } from './workload/workload.ts';

export interface Subject {
  readonly workload: Workload;
  /** Where it is created; the request has it even if the object does not. */
  readonly namespace: string;
  /** The images to judge: all, or on an update those that changed. */
  readonly uses: readonly ImageUse[];
  /** The images are final (the validating webhook): no pin will be added. */
  readonly final: boolean;
  /** Only images may change (`pods/ephemeralcontainers`): the API server drops metadata. */
  readonly imagesOnly: boolean;
  /** The object before an update, else null. */
  readonly old: Workload | null;
}

/** Makes the subject of a workload that is about to be created, in `namespace` unless it names one. */
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

/** Returns the uses whose image differs from the one that `old` has in the same container or volume. */
export function changedUses(uses: readonly ImageUse[], old: Workload): readonly ImageUse[] {
  const before = new Map(old.uses.map((use) => [useKey(use), use.image]));
  return uses.filter((use) => before.get(useKey(use)) !== use.image);
}

/** Returns the image that `old` has in the container or volume of `use`. */
export function imageBefore(use: ImageUse, old: Workload | null): string | undefined {
  return old?.uses.find((other) => useKey(other) === useKey(use))?.image;
}

/** Lists may be reordered; names are unique per kind. */
function useKey({ kind, container }: ImageUse): string {
  return `${kind}/${container}`;
}
