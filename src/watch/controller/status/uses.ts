/** Containers of pods that use an image, with their pinned and running digests. */
import { referenceIn } from '../../../judge/image/references.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import type { PodRecord, RunningDigest, UsedImage } from '../../cluster/records/pod-record.ts';
import type { StatusInputs } from './inputs.ts';

export interface ContainerUse {
  readonly pod: PodRecord;
  readonly container: string;
  /** Digest that admission added to an image without one; null if it was not pinned. */
  readonly pinned: Digest | null;
  /**
   * Digest that a started container runs: its pin, or otherwise the one that the runtime reports; null if it
   * has not started.
   */
  readonly running: RunningDigest | null;
}

/** Returns the containers of active pods, because a template runs nothing. */
export function containerUses({
  reference,
  object,
  users,
}: Pick<StatusInputs, 'reference' | 'object' | 'users'>): readonly ContainerUse[] {
  const isThisImage = createUseMatcher(object.spec.image, reference);
  const pinOf = memoize(digestIn);
  return users.filter(isActivePod).flatMap((pod) =>
    pod.images.filter(isThisImage).map(({ container, image, original, running }) => {
      const pinned = image === original ? null : pinOf(image);
      return { pod, container, pinned, running: running && (pinned ?? running) };
    }),
  );
}

/** Returns a predicate for the uses of one image. */
export function createUseMatcher(
  image: string,
  reference: StatusInputs['reference'],
): (use: UsedImage) => boolean {
  const wanted = imageIdentity(image, reference);
  const isThisImage = memoize((original) => imageIdentity(original, referenceIn(original)) === wanted);
  return ({ original }) => isThisImage(original);
}

/** Returns true if a record is an unfinished pod. */
export function isActivePod({ kind, isFinished }: PodRecord): boolean {
  return kind === 'Pod' && !isFinished;
}

function imageIdentity(image: string, reference: StatusInputs['reference']): string {
  return reference instanceof InvalidReference ? `invalid ${image}` : canonical(reference);
}

function digestIn(image: string): Digest | null {
  const read = referenceIn(image);
  return read instanceof InvalidReference ? null : read.digest;
}

/** Caches results, because thousands of pods name the same few images. */
function memoize<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = read(text);
    known.set(text, value);
    return value;
  };
}
