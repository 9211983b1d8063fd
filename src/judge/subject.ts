/** Subject of a judgement: a workload, the images of it that are judged, and the state of its admission. */
import type { ImageUse } from './workload/image-use.ts';
import type { Workload } from './workload/workload.ts';

export interface Subject {
  readonly workload: Workload;
  /** Namespace in which the workload is created. The request has it even if the object does not. */
  readonly namespace: string;
  /** Images to judge: all images, or after an update those that changed. */
  readonly uses: readonly ImageUse[];
  /** True if the images are final, as in the validating webhook: no pin will be added. */
  readonly final: boolean;
  /**
   * True if only images may change, as in `pods/ephemeralcontainers`, where the API server drops changes of
   * metadata.
   */
  readonly imagesOnly: boolean;
  /** Object before an update; null for any other operation. */
  readonly old: Workload | null;
}

/**
 * Returns the subject of a workload that is about to be created, in `namespace` unless the workload names
 * one.
 */
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

/** Returns the uses whose image differs from that of the same container or volume in `old`. */
export function changedUses(uses: readonly ImageUse[], old: Workload): readonly ImageUse[] {
  const before = new Map(old.uses.map((use) => [useKey(use), use.image]));
  return uses.filter((use) => before.get(useKey(use)) !== use.image);
}

/** Returns the image that `old` has in the container or volume of `use`. */
export function imageBefore(use: ImageUse, old: Workload | null): string | undefined {
  return old?.uses.find((other) => useKey(other) === useKey(use))?.image;
}

/**
 * Identifies a container or volume by kind and name, because lists may be reordered and names are unique
 * within a kind.
 */
function useKey({ kind, container }: ImageUse): string {
  return `${kind}/${container}`;
}
