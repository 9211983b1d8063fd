/** Where the pods use the image of an ImageInspection, and what is known of the digest there. */
import { referenceIn } from '../../../judge/references.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import type { PodRecord, UsedImage } from '../../cluster/pod-record.ts';
import type { Facts } from './facts.ts';

export interface Use {
  readonly pod: PodRecord;
  readonly container: string;
  /** The digest that was written into the pod where the image had none; null: it was not pinned. */
  readonly pinned: Digest | null;
  /** As the container runtime tells it. */
  readonly running: Digest | null;
}

/** Of pods only: a template runs nothing. */
export function usesIn({
  reference,
  object,
  users,
}: Pick<Facts, 'reference' | 'object' | 'users'>): readonly Use[] {
  const wanted = reference instanceof InvalidReference ? object.spec.image : canonical(reference);
  const known = new Map<string, boolean>();
  const isIt = ({ original }: UsedImage): boolean => {
    const before = known.get(original);
    if (before !== undefined) return before;
    const read = referenceIn(original);
    const is = (read instanceof InvalidReference ? original : canonical(read)) === wanted;
    known.set(original, is);
    return is;
  };
  return users.filter(isLive).flatMap((pod) =>
    pod.images.filter(isIt).map((image) => {
      return { pod, container: image.container, pinned: pinnedIn(image), running: image.running };
    }),
  );
}

/** A pod that is not over. */
export function isLive({ kind, isOver }: PodRecord): boolean {
  return kind === 'Pod' && !isOver;
}

function pinnedIn({ image, original }: UsedImage): Digest | null {
  if (image === original) return null;
  const read = referenceIn(image);
  return read instanceof InvalidReference ? null : read.digest;
}
