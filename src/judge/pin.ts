/** Which digest an image is pinned to, if any. Writing it into the object is `workload/patch.ts`'s. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import { type Digest, isDigest } from '../resolve/reference/digest.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Case } from './case.ts';
import type { Finding } from './finding.ts';
import { words } from './message.ts';
import type { Policy } from './policy/schema.ts';
import { imageBefore } from './subject.ts';
import type { ImageUse } from './workload/image-use.ts';

/** The answer that counts for an image. */
export interface Answer {
  readonly inspection: Inspection;
  /** Asked by this digest, to which the image was pinned before; null: asked as written. */
  readonly earlier: Digest | null;
  readonly notes: readonly string[];
}

export interface Pin {
  readonly digest: Digest | null;
  readonly notes: readonly string[];
}

const unpinned: Pin = { digest: null, notes: [] };

/**
 * The image with its digest, exactly as it was written before the `@`. `nginx` becomes `nginx@sha256:…`, without a
 * `latest` that nobody wrote: so the original can be read off the pinned image even where our annotation was lost.
 */
export function pinnedImage(image: string, digest: Digest): string {
  return `${image}@${digest}`;
}

/** May this image be pinned now, by its policy and by what it says? */
export function mayPin({ mode, pin }: Policy, { digest }: Reference, { subject }: Case): boolean {
  return !subject.final && digest === null && pin !== 'off' && (mode === 'enforce' || mode === 'warn');
}

/** Asks for the digest that was pinned before, else for the image as written; undefined while an answer is missing. */
export function ask(use: ImageUse, reference: Reference, pinnable: boolean, of: Case): Answer | undefined {
  const earlier = pinnable ? earlierDigest(use, of) : null;
  const before = earlier && of.look({ ...reference, digest: earlier });
  if (before === undefined) return undefined;
  // An earlier pin is kept through an outage: it is nothing new, and the siblings run it.
  if (before && before.result !== 'not-found') return { inspection: before, earlier, notes: [] };
  const inspection = of.look(reference);
  return inspection && { inspection, earlier: null, notes: earlier ? [words.earlierGone(earlier)] : [] };
}

/** The pin of an image that may be pinned; undefined while its proof is missing. */
export function pinOf(answer: Answer, finding: Finding, reference: Reference, of: Case): Pin | undefined {
  const { inspection, earlier } = answer;
  if (earlier) return { digest: earlier, notes: [] };
  const { digest, stale } = inspection;
  if (finding.result !== 'available' || digest === null) return unpinned;
  if (stale) return { digest: null, notes: [words.tooOldToPin(inspection)] };
  // Other endpoints may hold for a digest than for a tag: the pin is proved on theirs.
  const proof = of.look({ ...reference, digest });
  if (proof === undefined) return undefined;
  return proof.result === 'available'
    ? { digest, notes: [] }
    : { digest: null, notes: [words.notProved(digest, proof)] };
}

/**
 * The digest that this image was pinned to before: by the object that is being updated, so that applying the same
 * manifest again changes nothing (a Job's template must not change at all), else by earlier pods of the same owner.
 */
function earlierDigest(use: ImageUse, { subject, surroundings }: Case): Digest | null {
  const before = imageBefore(use, subject.old);
  const digest = before?.startsWith(`${use.image}@`) ? before.slice(use.image.length + 1) : '';
  return isDigest(digest) ? digest : surroundings.remembered(use);
}
