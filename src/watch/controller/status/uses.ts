/** Where the pods use the image of an ImageInspection, and what is known of the digest there. */
import { referenceIn } from '../../../judge/image/references.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import type { PodRecord, UsedImage } from '../../cluster/records/pod-record.ts';
import type { StatusInputs } from './inputs.ts';

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
}: Pick<StatusInputs, 'reference' | 'object' | 'users'>): readonly Use[] {
  const isIt = isUseOf(object.spec.image, reference);
  const pinOf = once(digestIn);
  return users.filter(isLive).flatMap((pod) =>
    pod.images.filter(isIt).map(({ container, image, original, running }) => {
      return { pod, container, pinned: image === original ? null : pinOf(image), running };
    }),
  );
}

/** Tells the uses of one image from others. */
export function isUseOf(image: string, reference: StatusInputs['reference']): (use: UsedImage) => boolean {
  const wanted = identityOf(image, reference);
  const isIt = once((original) => identityOf(original, referenceIn(original)) === wanted);
  return ({ original }) => isIt(original);
}

/** A pod that is not over. */
export function isLive({ kind, isFinished }: PodRecord): boolean {
  return kind === 'Pod' && !isFinished;
}

function identityOf(image: string, reference: StatusInputs['reference']): string {
  return reference instanceof InvalidReference ? `invalid ${image}` : canonical(reference);
}

function digestIn(image: string): Digest | null {
  const read = referenceIn(image);
  return read instanceof InvalidReference ? null : read.digest;
}

/** Thousands of pods name the same few images: each text is read once. */
function once<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = read(text);
    known.set(text, value);
    return value;
  };
}
