/** The closed words of a judgement. How they are reached is in `image-verdict.ts`, what they lead to in `policy/`. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Policy } from './policy/schema.ts';
import type { ImageUse } from './workload/image-use.ts';

/** What is known of an image, best first. *Unknown* (`unavailable`) is never reported as *no*. */
export const results = [
  'available',
  'not-checked',
  'unavailable',
  'denied',
  'platform-missing',
  'not-found',
  'invalid',
] as const;
export type Result = (typeof results)[number];

/** Mildest first. */
export const decisions = ['allow', 'warn', 'deny'] as const;
export type Decision = (typeof decisions)[number];

export function worseResult(a: Result, b: Result): Result {
  return results.indexOf(a) > results.indexOf(b) ? a : b;
}

export function stricter(a: Decision, b: Decision): Decision {
  return decisions.indexOf(a) > decisions.indexOf(b) ? a : b;
}

export interface ImageVerdict {
  readonly use: ImageUse;
  /** null when the image cannot be parsed. */
  readonly reference: Reference | null;
  readonly policy: Policy;
  readonly result: Result;
  /** PascalCase detail: `Schema1`, `Artifact`, `PullPolicyNever`, `ImageId`, `PresentOnNode`…, or an inspection's; else null. */
  readonly reason: string | null;
  readonly decision: Decision;
  /** Eligible platforms that the image lacks, as `formatAll` writes them. */
  readonly missingPlatforms: readonly string[];
  /** null when nothing was asked. */
  readonly inspection: Inspection | null;
  /** The image that the pod will carry: pinned, or as written. */
  readonly pinned: string;
  /** The groups of nodes for which the result holds; '' where they are not told apart. */
  readonly where: string;
  /** One line that goes on after the image's name and explains the decision; '' when there is nothing to explain. */
  readonly message: string;
  /** What a person should know although it decides nothing: why an image was not pinned, or not checked. */
  readonly notes: readonly string[];
}
