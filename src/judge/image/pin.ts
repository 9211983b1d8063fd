/**
 * Choice of the digest that an image is pinned to, and the proof that it can be pulled. `patch/patch.ts`
 * writes it into the object.
 */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { type Digest, isDigest } from '../../resolve/reference/digest.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { EvaluationContext } from '../context.ts';
import { messages } from '../messages/reasons.ts';
import { type EligibleGroup, groupWords } from '../nodes/group.ts';
import { isActive } from '../policy/decide.ts';
import { canChange } from '../policy/pin-owners.ts';
import type { Policy } from '../policy/schema.ts';
import { imageBefore } from '../subject.ts';
import type { ImageUse } from '../workload/image-use.ts';

/** Inspection for the nodes of one group. */
export interface GroupInspection {
  readonly eligibleGroup: EligibleGroup;
  readonly inspection: Inspection;
}

export interface Pin {
  /** Digest to pin to; null if the image is not pinned. */
  readonly digest: Digest | null;
  /** Reasons why the image is not pinned, as far as they deserve a warning. */
  readonly notes: readonly string[];
}

export const unpinned: Pin = { digest: null, notes: [] };

/**
 * Appends the digest to the image exactly as written. `nginx` becomes `nginx@sha256:…`, without a `latest`
 * that the author did not write, so that the original text can be recovered from the pinned image even if the
 * annotation was lost.
 */
export function pinnedImage(image: string, digest: Digest): string {
  return `${image}@${digest}`;
}

/** Returns true if the policy, the pod's owner and the state of the object allow to pin the image now. */
export function canPin(policy: Policy, { digest }: Reference, { subject }: EvaluationContext): boolean {
  if (subject.final || digest !== null || policy.pin === 'off') return false;
  return isActive(policy) && canChange(subject.workload, policy);
}

/** Inspects the image for every eligible group. Returns undefined while an inspection is missing. */
export function inspectAllGroups(
  reference: Reference,
  { podContext, lookup }: EvaluationContext,
): readonly GroupInspection[] | undefined {
  const inspections: GroupInspection[] = [];
  for (const eligibleGroup of podContext.eligibleGroups) {
    const inspection = lookup(reference, eligibleGroup.group);
    if (inspection) inspections.push({ eligibleGroup, inspection });
  }
  return inspections.length < podContext.eligibleGroups.length ? undefined : inspections;
}

/**
 * Returns true if nodes have the image only by its tag and no registry serves it. Such an image would not
 * start there if it were pinned.
 */
export function isOnNodeByTagOnly(
  { pullPolicy }: ImageUse,
  reference: Reference,
  earlier: Digest,
  byDigest: readonly GroupInspection[],
  { podContext }: EvaluationContext,
): boolean {
  if (pullPolicy !== 'IfNotPresent') return false;
  if (byDigest.some(({ inspection }) => inspection.result === 'available')) return false;
  return podContext.isOnNode(reference) && !podContext.isOnNode({ ...reference, digest: earlier });
}

/**
 * Returns the pin of an image whose tag was inspected. Returns undefined while the inspections that prove it
 * are missing. The answer for a tag is not a proof: other endpoints may serve digests, and they must serve
 * this one.
 */
export function newPin(
  byTag: readonly GroupInspection[],
  reference: Reference,
  context: EvaluationContext,
): Pin | undefined {
  const stale = byTag.find(({ inspection }) => inspection.stale);
  if (stale) return withoutPin(messages.tooOldToPin(stale.inspection));
  const [digest, ...others] = new Set(byTag.map(({ inspection }) => inspection.digest));
  // null means that the nodes of some group get no answer, which the image's notes say already.
  if (!digest || others.includes(null)) return unpinned;
  if (others.length > 0) return withoutPin(messages.digestsDiffer(groupsByDigest(byTag)));
  const proofs = inspectAllGroups({ ...reference, digest }, context);
  if (!proofs) return undefined;
  const staleProof = proofs.find(({ inspection }) => inspection.stale);
  if (staleProof) return withoutPin(messages.tooOldToPin(staleProof.inspection));
  const failed = proofs.find(({ inspection }) => inspection.result !== 'available');
  if (!failed) return { digest, notes: [] };
  const where = byTag.length === 1 ? '' : groupWords([failed.eligibleGroup.group]);
  return withoutPin(messages.notProved(digest, failed.inspection, where));
}

function withoutPin(note: string): Pin {
  return { digest: null, notes: [note] };
}

/** Maps each digest to the names of the groups whose nodes would pull it. */
function groupsByDigest(byTag: readonly GroupInspection[]): ReadonlyMap<Digest, string> {
  const groups = Map.groupBy(byTag, ({ inspection }) => inspection.digest);
  return new Map(
    [...groups].flatMap(([digest, inspections]) =>
      digest === null
        ? []
        : [[digest, groupWords(inspections.map(({ eligibleGroup }) => eligibleGroup.group))]],
    ),
  );
}

/**
 * Returns the digest that this image was pinned to before. The object before the update comes first, so that
 * applying the same manifest again changes nothing (a Job's template is immutable); earlier pods of the same
 * owner come second.
 */
export function earlierDigestOf(use: ImageUse, { subject, podContext }: EvaluationContext): Digest | null {
  const before = imageBefore(use, subject.old);
  const digest = before?.startsWith(`${use.image}@`) ? before.slice(use.image.length + 1) : '';
  return isDigest(digest) ? digest : podContext.earlierDigest(use);
}
