/** The verdict on one image of a workload: what was found, what the policy makes of it, and how it is pinned. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { formatAll } from '../../resolve/platform/format.ts';
import { InvalidReference } from '../../resolve/reference/error.ts';
import { nameOf } from '../../resolve/reference/format.ts';
import type { Reference } from '../../resolve/reference/reference.ts';
import type { Case } from '../context.ts';
import { type Finding, found, type Question, refused, unasked, unparsable } from './assessment.ts';
import { words } from '../messages/reasons.ts';
import { platformsOf } from '../nodes/fit.ts';
import { ask, mayPin, pinnedImage, pinOf, unpinned } from './pin.ts';
import { decide, decideUnpinned } from '../policy/decide.ts';
import type { Policy } from '../policy/schema.ts';
import type { Surroundings } from '../cluster-context.ts';
import { type Local, together } from './by-node-group.ts';
import { harsher, type ImageVerdict } from '../results.ts';
import type { ImageUse } from '../workload/image-use.ts';

/** Pure but for `look`; undefined while an answer is missing. */
export function verdictOf(use: ImageUse, of: Case): ImageVerdict | undefined {
  const reference = of.references.in(use.image);
  if (reference instanceof InvalidReference) {
    return judged({ use, reference: null, policy: policyOf(null, of), finding: unparsable(reference) });
  }
  const policy = policyOf(nameOf(reference), of);
  const question = { use, reference, policy };
  const finding = unasked(use, policy, of.surroundings) ?? refusedBySome(use, of.surroundings);
  return finding ? judged({ ...question, finding }) : asked(question, of);
}

function asked(question: Question, of: Case): ImageVerdict | undefined {
  const { use, reference, policy } = question;
  const pinnable = mayPin(policy, reference, of);
  const answer = ask(use, reference, pinnable, of);
  if (!answer) return undefined;
  // As its nodes will look for it.
  const carried =
    answer.earlier === null ? question : { ...question, reference: { ...reference, digest: answer.earlier } };
  const { inspection, finding } = together(
    answer.heard.map(({ landing: { group, eligible }, inspection }) => {
      return { group, inspection, finding: found(inspection, carried, eligible, of.surroundings) };
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
function isAdmitted(policy: Policy, { result, fit }: Finding): boolean {
  if (result !== 'available' && result !== 'platform-missing') return false;
  return decide(policy, result, fit) !== 'deny';
}

interface Parts {
  readonly use: ImageUse;
  readonly reference: Reference | null;
  readonly policy: Policy;
  readonly finding: Finding;
  readonly inspection?: Inspection | null;
  /** It will run without a digest. */
  readonly loose?: boolean;
  readonly pinned?: string;
  readonly notes?: readonly string[];
}

function judged({ use, reference, policy, finding, inspection, loose, pinned, notes }: Parts): ImageVerdict {
  const { result, reason, fit, lacking, message, where, notable } = finding;
  const wanting = loose === true && policy.requirePinned && result !== 'not-checked';
  return {
    use,
    reference,
    policy,
    result,
    reason,
    decision: harsher(decide(policy, result, fit), wanting ? decideUnpinned(policy) : 'allow'),
    missingPlatforms: platformsOf(lacking).map(formatAll),
    inspection: inspection ?? null,
    pinned: pinned ?? use.image,
    where,
    message: wanting ? joined(words.unpinned(use.image, inspection?.digest ?? null), message) : message,
    notes: [...(notable ? [message] : []), ...(notes ?? [])],
  };
}

/** A template's pods are pinned when they are made. */
function pinnedLater(policy: Policy, { subject }: Case): boolean {
  return subject.final && subject.workload.template && policy.pin === 'pods';
}

function policyOf(image: string | null, { policies, subject, surroundings }: Case): Policy {
  return policies.policyFor({ name: subject.namespace, labels: surroundings.labels }, image);
}

/** Nobody is asked for an image that the nodes of some group would not even look for. */
function refusedBySome({ image }: ImageUse, { landings }: Surroundings): Finding | null {
  const refusals = landings.flatMap((landing): Local[] => {
    const finding = refused(image, landing.group);
    return finding ? [{ group: landing.group, inspection: null, finding }] : [];
  });
  return refusals.length === 0 ? null : together(refusals).finding;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
