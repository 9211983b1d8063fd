/** Which digest an image is pinned to, if any. Writing it into the object is `workload/patch.ts`'s. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { type Digest, isDigest } from '../../resolve/reference/digest.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { EvaluationContext } from '../context.ts';
import { messages } from '../messages/reasons.ts';
import { groupWords, type EligibleGroup } from '../nodes/group.ts';
import type { Policy } from '../policy/schema.ts';
import { imageBefore } from '../subject.ts';
import type { ImageUse } from '../workload/image-use.ts';

/** The answers that count for an image. */
export interface Lookup {
  readonly heard: readonly GroupInspection[];
  /** Asked by this digest, to which the image was pinned before; null: asked as written. */
  readonly earlier: Digest | null;
  readonly notes: readonly string[];
}

/** What the nodes of one group would get. */
export interface GroupInspection {
  readonly landing: EligibleGroup;
  readonly inspection: Inspection;
}

export interface Pin {
  readonly digest: Digest | null;
  readonly notes: readonly string[];
}

export const unpinned: Pin = { digest: null, notes: [] };

/**
 * The image with its digest, exactly as it was written before the `@`. `nginx` becomes `nginx@sha256:…`, without a
 * `latest` that nobody wrote: so the original can be read off the pinned image even where our annotation was lost.
 */
export function pinnedImage(image: string, digest: Digest): string {
  return `${image}@${digest}`;
}

/** May this image be pinned now, by its policy and by what it says? */
export function canPin(
  { mode, pin }: Policy,
  { digest }: Reference,
  { subject }: EvaluationContext,
): boolean {
  return !subject.final && digest === null && pin !== 'off' && (mode === 'enforce' || mode === 'warn');
}

/** Asks for the digest that was pinned before, else for the image as written; undefined while an answer is missing. */
export function lookUp(
  use: ImageUse,
  reference: Reference,
  pinnable: boolean,
  of: EvaluationContext,
): Lookup | undefined {
  const earlier = pinnable ? earlierDigest(use, of) : null;
  if (earlier) {
    const pinned = { ...reference, digest: earlier };
    const before = inspectAllGroups(pinned, of);
    if (!before) return undefined;
    if (isHeldByTagOnly(use, reference, pinned, before, of)) {
      const heard = inspectAllGroups(reference, of);
      return heard && { heard, earlier: null, notes: [] };
    }
    // An earlier pin is kept through an outage: it is nothing new, and the siblings run it.
    const isGone = before.some(({ inspection }) => inspection.result === 'not-found');
    if (!isGone) return { heard: before, earlier, notes: [] };
  }
  const heard = inspectAllGroups(reference, of);
  return heard && { heard, earlier: null, notes: earlier ? [messages.earlierGone(earlier)] : [] };
}

/** Nobody serves it now, and the nodes hold it under its tag alone: by its digest it would not start there. */
function isHeldByTagOnly(
  { pullPolicy }: ImageUse,
  reference: Reference,
  pinned: Reference,
  before: readonly GroupInspection[],
  { podContext }: EvaluationContext,
): boolean {
  if (pullPolicy !== 'IfNotPresent') return false;
  if (before.some(({ inspection }) => inspection.result === 'available')) return false;
  return podContext.isOnNode(reference) && !podContext.isOnNode(pinned);
}

/** The answer for every group that the pod can land on; undefined while one is missing. */
function inspectAllGroups(
  reference: Reference,
  { podContext, lookup: look }: EvaluationContext,
): readonly GroupInspection[] | undefined {
  const heard: GroupInspection[] = [];
  for (const landing of podContext.eligibleGroups) {
    const inspection = look(reference, landing.group);
    if (inspection) heard.push({ landing, inspection });
  }
  return heard.length < podContext.eligibleGroups.length ? undefined : heard;
}

/** The pin of an image that is available and may be pinned; undefined while its proof is missing. */
export function pinOf(
  { heard, earlier }: Lookup,
  reference: Reference,
  of: EvaluationContext,
): Pin | undefined {
  if (earlier) return { digest: earlier, notes: [] };
  const old = heard.find(({ inspection }) => inspection.stale);
  if (old) return { digest: null, notes: [messages.tooOldToPin(old.inspection)] };
  const [digest, ...others] = new Set(heard.map(({ inspection }) => inspection.digest));
  if (!digest) return unpinned;
  if (others.length > 0) return { digest: null, notes: [messages.digestsDiffer(byDigest(heard))] };
  // Other endpoints may hold for a digest than for a tag: the pin is proved on theirs.
  const proofs = inspectAllGroups({ ...reference, digest }, of);
  if (!proofs) return undefined;
  const former = proofs.find(({ inspection }) => inspection.stale);
  if (former) return { digest: null, notes: [messages.tooOldToPin(former.inspection)] };
  const missing = proofs.find(({ inspection }) => inspection.result !== 'available');
  if (!missing) return { digest, notes: [] };
  const where = heard.length === 1 ? '' : groupWords([missing.landing.group]);
  return { digest: null, notes: [messages.notProved(digest, missing.inspection, where)] };
}

/** Digest → in words, the groups for which the tag means it. */
function byDigest(heard: readonly GroupInspection[]): ReadonlyMap<Digest, string> {
  const groups = Map.groupBy(heard, ({ inspection }) => inspection.digest);
  return new Map(
    [...groups].flatMap(([digest, those]) =>
      digest === null ? [] : [[digest, groupWords(those.map(({ landing }) => landing.group))]],
    ),
  );
}

/**
 * The digest that this image was pinned to before: by the object that is being updated, so that applying the same
 * manifest again changes nothing (a Job's template must not change at all), else by earlier pods of the same owner.
 */
function earlierDigest(use: ImageUse, { subject, podContext }: EvaluationContext): Digest | null {
  const before = imageBefore(use, subject.old);
  const digest = before?.startsWith(`${use.image}@`) ? before.slice(use.image.length + 1) : '';
  return isDigest(digest) ? digest : podContext.earlierDigest(use);
}
