/** The verdict on one image of a workload: what was found, what the policy makes of it, and how it is pinned. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import { formatAll } from '../resolve/platform/format.ts';
import { InvalidReference } from '../resolve/reference/error.ts';
import { nameOf } from '../resolve/reference/format.ts';
import { parseReference } from '../resolve/reference/parse.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Case } from './case.ts';
import { type Finding, found, plain, unasked } from './finding.ts';
import { words } from './message.ts';
import { ask, mayPin, pinnedImage, pinOf } from './pin.ts';
import { decide, decideUnpinned } from './policy/decide.ts';
import type { Policy } from './policy/schema.ts';
import { harsher, type ImageVerdict } from './verdict.ts';
import type { ImageUse } from './workload/image-use.ts';

/** Pure but for `look`; undefined while an answer is missing. */
export function verdictOf(use: ImageUse, of: Case): ImageVerdict | undefined {
  const reference = parse(use.image);
  if (reference instanceof InvalidReference) {
    return judged({ use, reference: null, policy: policyOf(null, of), finding: unparsable(reference) });
  }
  const policy = policyOf(nameOf(reference), of);
  const finding = refused(use, of) ?? unasked(use, policy, of.surroundings);
  return finding ? judged({ use, reference, policy, finding }) : asked(use, reference, policy, of);
}

function asked(use: ImageUse, reference: Reference, policy: Policy, of: Case): ImageVerdict | undefined {
  const pinnable = mayPin(policy, reference, of);
  const answer = ask(use, reference, pinnable, of);
  if (!answer) return undefined;
  const { inspection } = answer;
  const finding = found(inspection, reference, use, policy, of.surroundings);
  const pin = pinnable ? pinOf(answer, finding, reference, of) : { digest: null, notes: [] };
  if (!pin) return undefined;
  const loose = reference.digest === null && pin.digest === null && !pinnedLater(policy, of);
  const pinned = pin.digest === null ? use.image : pinnedImage(use.image, pin.digest);
  const notes = [...answer.notes, ...pin.notes];
  return judged({ use, reference, policy, finding, inspection, loose, pinned, notes });
}

interface Parts {
  readonly use: ImageUse;
  readonly reference: Reference | null;
  readonly policy: Policy;
  readonly finding: Finding;
  readonly inspection?: Inspection;
  /** It will run without a digest. */
  readonly loose?: boolean;
  readonly pinned?: string;
  readonly notes?: readonly string[];
}

function judged({ use, reference, policy, finding, inspection, loose, pinned, notes }: Parts): ImageVerdict {
  const { result, reason, fit, missing, message, notable } = finding;
  const wanting = loose === true && policy.requirePinned && result !== 'not-checked';
  return {
    use,
    reference,
    policy,
    result,
    reason,
    decision: harsher(decide(policy, result, fit), wanting ? decideUnpinned(policy) : 'allow'),
    missingPlatforms: missing.map(formatAll),
    inspection: inspection ?? null,
    pinned: pinned ?? use.image,
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

function parse(image: string): Reference | InvalidReference {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
}

function refused({ image }: ImageUse, of: Case): Finding | null {
  const refusal = of.refuse(image);
  return refusal && plain('invalid', refusal.reason, refusal.message);
}

function unparsable({ code, problem }: InvalidReference): Finding {
  // An image ID means what a node already holds; there is no registry to ask.
  if (code === 'ImageId' || code === 'Identifier') return plain('not-checked', 'ImageId', words.imageId);
  return plain('invalid', code, problem);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
