/** The verdict on one image of a workload: what was found, what the policy makes of it, and how it is pinned. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { formatAll } from '../../resolve/platform/format.ts';
import { InvalidReference } from '../../resolve/reference/error.ts';
import { nameOf } from '../../resolve/reference/format.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { EvaluationContext } from '../context.ts';
import {
  type Assessment,
  assess,
  type ImageInContext,
  rejectedByRuntime,
  exemptFromCheck,
  invalidReference,
} from './assessment.ts';
import { messages } from '../messages/reasons.ts';
import { platformsOf } from '../nodes/fit.ts';
import { lookUp, canPin, pinnedImage, pinOf, unpinned } from './pin.ts';
import { decide, decideUnpinned } from '../policy/decide.ts';
import type { Policy } from '../policy/schema.ts';
import type { PodContext } from '../cluster-context.ts';
import { type GroupAssessment, worstOf } from './by-node-group.ts';
import { stricter, type ImageVerdict } from '../results.ts';
import type { ImageUse } from '../workload/image-use.ts';

/** Pure but for `look`; undefined while an answer is missing. */
export function verdictOf(use: ImageUse, of: EvaluationContext): ImageVerdict | undefined {
  const reference = of.references.in(use.image);
  if (reference instanceof InvalidReference) {
    return judged({ use, reference: null, policy: policyOf(null, of), finding: invalidReference(reference) });
  }
  const policy = policyOf(nameOf(reference), of);
  const question = { use, reference, policy };
  const finding = exemptFromCheck(use, policy, of.podContext) ?? refusedBySome(use, of.podContext);
  return finding ? judged({ ...question, finding }) : asked(question, of);
}

function asked(question: ImageInContext, of: EvaluationContext): ImageVerdict | undefined {
  const { use, reference, policy } = question;
  const pinnable = canPin(policy, reference, of);
  const answer = lookUp(use, reference, pinnable, of);
  if (!answer) return undefined;
  // As its nodes will look for it.
  const carried =
    answer.earlier === null ? question : { ...question, reference: { ...reference, digest: answer.earlier } };
  const { inspection, finding } = worstOf(
    answer.heard.map(({ landing: { group, eligible }, inspection }) => {
      return { group, inspection, finding: assess(inspection, carried, eligible, of.podContext) };
    }),
  );
  const pin =
    pinnable && (answer.earlier !== null || isAdmitted(policy, finding))
      ? pinOf(answer, reference, of)
      : unpinned;
  if (!pin) return undefined;
  const loose = reference.digest === null && pin.digest === null && !pinnedLater(policy, of);
  const pinned = pin.digest === null ? use.image : pinnedImage(use.image, pin.digest);
  const notes = [...answer.notes, ...pin.notes];
  return judged({ ...question, finding, inspection, loose, pinned, notes });
}

/** It exists, and its pod may run: on the nodes that it fits, or with a warning. */
function isAdmitted(policy: Policy, { result, fit }: Assessment): boolean {
  if (result !== 'available' && result !== 'platform-missing') return false;
  return decide(policy, result, fit) !== 'deny';
}

interface Parts {
  readonly use: ImageUse;
  readonly reference: Reference | null;
  readonly policy: Policy;
  readonly finding: Assessment;
  readonly inspection?: Inspection | null;
  /** It will run without a digest. */
  readonly loose?: boolean;
  readonly pinned?: string;
  readonly notes?: readonly string[];
}

function judged({ use, reference, policy, finding, inspection, loose, pinned, notes }: Parts): ImageVerdict {
  const { result, reason, fit, lacking, message, where, notable } = finding;
  const wanting = loose === true && policy.requireDigest && result !== 'not-checked';
  return {
    use,
    reference,
    policy,
    result,
    reason,
    decision: stricter(decide(policy, result, fit), wanting ? decideUnpinned(policy) : 'allow'),
    missingPlatforms: platformsOf(lacking).map(formatAll),
    inspection: inspection ?? null,
    pinned: pinned ?? use.image,
    where,
    message: wanting ? joined(messages.unpinned(use.image, inspection?.digest ?? null), message) : message,
    notes: [...(notable ? [message] : []), ...(notes ?? [])],
  };
}

/** A template's pods are pinned when they are made. */
function pinnedLater(policy: Policy, { subject }: EvaluationContext): boolean {
  return subject.final && subject.workload.template && policy.pin === 'pods';
}

function policyOf(image: string | null, { policies, subject, podContext }: EvaluationContext): Policy {
  return policies.policyFor({ name: subject.namespace, labels: podContext.labels }, image);
}

/** Nobody is asked for an image that the nodes of some group would not even look for. */
function refusedBySome({ image }: ImageUse, { eligibleGroups }: PodContext): Assessment | null {
  const refusals = eligibleGroups.flatMap((landing): GroupAssessment[] => {
    const finding = rejectedByRuntime(image, landing.group);
    return finding ? [{ group: landing.group, inspection: null, finding }] : [];
  });
  return refusals.length === 0 ? null : worstOf(refusals).finding;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
