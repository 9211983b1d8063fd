/** Verdict on one image of a workload: its assessment, the decision of the policy, and its pin. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { formatAll } from '../../resolve/platform/format.ts';
import type { Digest } from '../../resolve/reference/digest.ts';
import { InvalidReference } from '../../resolve/reference/error.ts';
import { nameOf } from '../../resolve/reference/format.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { PodContext } from '../cluster-context.ts';
import type { EvaluationContext } from '../context.ts';
import { messages } from '../messages/reasons.ts';
import { platformsOf } from '../nodes/fit.ts';
import { decide, decideUnpinned } from '../policy/decide.ts';
import { canChange } from '../policy/pin-owners.ts';
import type { Policy } from '../policy/schema.ts';
import { type Decision, type ImageVerdict, stricter } from '../results.ts';
import type { ImageUse } from '../workload/image-use.ts';
import { isGated } from '../workload/workload.ts';
import {
  type Assessment,
  assess,
  assessUnparsed,
  exemptFromCheck,
  type ImageInContext,
  imageVolumeSupport,
  invalidReference,
  rejectedByRuntime,
} from './assessment.ts';
import { type GroupAssessment, worstOf } from './by-node-group.ts';
import {
  canPin,
  earlierDigestOf,
  type GroupInspection,
  inspectAllGroups,
  isOnNodeByTagOnly,
  newPin,
  type Pin,
  pinnedImage,
  unpinned,
} from './pin.ts';

/**
 * Judges one image. Returns undefined while an inspection is missing. The function is pure except for
 * `context.lookup`.
 */
export function verdictOf(use: ImageUse, context: EvaluationContext): ImageVerdict | undefined {
  const { workload, final } = context.subject;
  const unparsed = assessUnparsed(use, workload, final);
  const reference = context.references.in(use.image);
  if (reference instanceof InvalidReference) {
    const assessment = unparsed ?? invalidReference(reference);
    return verdict({ use, reference: null, policy: policyFor(null, context), assessment }, context);
  }
  const policy = policyFor(nameOf(reference), context);
  const image = { use, reference, policy, isPerNode: workload.template && workload.kind === 'DaemonSet' };
  const { podContext } = context;
  const assessment = unparsed ?? exemptFromCheck(use, policy, podContext) ?? rejected(use, podContext);
  return assessment ? verdict({ ...image, assessment }, context) : inspectedVerdict(image, context);
}

/** Judges by the digest of earlier pods if that digest can be kept, and otherwise by the image as written. */
function inspectedVerdict(image: ImageInContext, context: EvaluationContext): ImageVerdict | undefined {
  const { use, reference, policy } = image;
  const isPinnable = canPin(policy, reference, context);
  const earlier = isPinnable ? earlierDigestOf(use, context) : null;
  if (earlier === null) return writtenVerdict(image, isPinnable, [], context);
  const inspections = inspectAllGroups({ ...reference, digest: earlier }, context);
  if (!inspections) return undefined;
  if (isOnNodeByTagOnly(use, reference, earlier, inspections, context)) {
    return writtenVerdict(image, isPinnable, [], context);
  }
  const kept = earlierVerdict(image, earlier, inspections, context);
  // An earlier pin is kept through an outage, because the siblings run it. A pin must never be the reason of
  // a denial, however.
  if (kept.result !== 'not-found' && kept.decision !== 'deny') return kept;
  const note =
    kept.result === 'not-found'
      ? messages.earlierGone(earlier)
      : messages.earlierDenied(earlier, kept.message);
  return writtenVerdict(image, isPinnable, [note], context);
}

function earlierVerdict(
  image: ImageInContext,
  earlier: Digest,
  inspections: readonly GroupInspection[],
  context: EvaluationContext,
): ImageVerdict {
  const pinned = { ...image, reference: { ...image.reference, digest: earlier } };
  const assessed = assessGroups(pinned, inspections, context);
  return verdict({ ...image, ...assessed, pin: { digest: earlier, notes: [] } }, context);
}

function writtenVerdict(
  image: ImageInContext,
  isPinnable: boolean,
  notes: readonly string[],
  context: EvaluationContext,
): ImageVerdict | undefined {
  const inspections = inspectAllGroups(image.reference, context);
  if (!inspections) return undefined;
  const assessed = assessGroups(image, inspections, context);
  const isPinned = isPinnable && isAdmitted(image, assessed.assessment, context);
  const pin = isPinned ? newPin(inspections, image.reference, context) : unpinned;
  if (!pin) return undefined;
  return verdict({ ...image, ...assessed, pin: { ...pin, notes: [...notes, ...pin.notes] } }, context);
}

function assessGroups(
  image: ImageInContext,
  inspections: readonly GroupInspection[],
  { podContext }: EvaluationContext,
): Pick<GroupAssessment, 'inspection' | 'assessment'> {
  const { inspection, assessment } = worstOf(
    inspections.map(({ eligibleGroup: { group, eligible }, inspection }) => {
      return { group, inspection, assessment: assess(inspection, image, eligible, podContext) };
    }),
  );
  const isMountable = image.use.kind !== 'volume' || imageVolumeSupport(podContext.eligibleGroups) === 'all';
  if (isMountable) return { inspection, assessment };
  return {
    inspection,
    assessment: { ...assessment, notes: [...assessment.notes, messages.someImageVolumes] },
  };
}

/**
 * Returns true if the image exists and its pod may run, be it only on the nodes that the image supports or
 * with a warning.
 */
function isAdmitted(image: ImageInContext, assessment: Assessment, context: EvaluationContext): boolean {
  const { result } = assessment;
  if (result !== 'available' && result !== 'platform-missing') return false;
  return decisionOn(image.policy, assessment, context) !== 'deny';
}

interface VerdictParts {
  readonly use: ImageUse;
  /** null if the image cannot be parsed. */
  readonly reference: Reference | null;
  readonly policy: Policy;
  readonly assessment: Assessment;
  readonly inspection?: Inspection | null;
  readonly pin?: Pin;
}

function verdict(parts: VerdictParts, context: EvaluationContext): ImageVerdict {
  const { use, reference, policy, assessment, inspection = null, pin = unpinned } = parts;
  const { result, reason, fit, lacking, message, where } = assessment;
  const lacksDigest = inspection !== null && isDigestMissing(parts, context);
  return {
    use,
    reference,
    policy,
    result,
    reason,
    decision: stricter(
      decisionOn(policy, assessment, context),
      lacksDigest ? decideUnpinned(policy) : 'allow',
    ),
    fit,
    missingPlatforms: platformsOf(lacking).map(formatAll),
    inspection,
    pinned: pin.digest === null ? use.image : pinnedImage(use.image, pin.digest),
    where,
    message: lacksDigest ? messages.unpinned(use.image, inspection.digest, message) : message,
    notes: [...assessment.notes, ...pin.notes],
  };
}

function decisionOn(policy: Policy, { result, fit }: Assessment, context: EvaluationContext): Decision {
  const isLenient = result === 'platform-missing' && fit === 'some' && canStillFit(context);
  return decide(policy, result, { fit, isLenient });
}

/**
 * Returns true if the pod's nodes may still be restricted (gated pods, suspended Jobs), or if the workload
 * runs already: it is not denied for a node that was added later.
 */
function canStillFit({ subject: { workload }, podContext }: EvaluationContext): boolean {
  return isGated(workload) || workload.isSuspended || podContext.hasAdmittedSibling();
}

/** Returns true if the pod would run without a digest although the policy requires one. */
function isDigestMissing(
  { reference, policy, assessment, pin = unpinned }: VerdictParts,
  { subject }: EvaluationContext,
): boolean {
  if (!policy.requireDigest || assessment.result === 'not-checked' || pin.digest !== null) return false;
  if (reference?.digest !== null || !canChange(subject.workload, policy)) return false;
  // The pods of a template are pinned when they are created, so the template itself needs no digest.
  return !(subject.final && subject.workload.template && policy.pin === 'pods');
}

function policyFor(image: string | null, { policies, subject, podContext }: EvaluationContext): Policy {
  return policies.policyFor({ name: subject.namespace, labels: podContext.labels }, image);
}

/**
 * Returns the assessment of an image that the runtime of at least one group's nodes rejects as written; no
 * registry is queried for it. Returns null for any other image.
 */
function rejected({ image }: ImageUse, { eligibleGroups }: PodContext): Assessment | null {
  const refusals = eligibleGroups.flatMap(({ group }): GroupAssessment[] => {
    const assessment = rejectedByRuntime(image, group);
    return assessment ? [{ group, inspection: null, assessment }] : [];
  });
  return refusals.length === 0 ? null : worstOf(refusals).assessment;
}
