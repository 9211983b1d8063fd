/** Results and decisions of a judgement, as closed sets, and the verdict on one image. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Fit } from './nodes/fit.ts';
import type { Policy } from './policy/schema.ts';
import type { ImageUse } from './workload/image-use.ts';

/** What is known of an image, best first. Unknown (`unavailable`) is never reported as no (`not-found`). */
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
  /** null if the image cannot be parsed. */
  readonly reference: Reference | null;
  readonly policy: Policy;
  readonly result: Result;
  /** PascalCase detail: `Schema1`, `Artifact`, `PullPolicyNever`, `PresentOnNode`…, or the inspection's; else null. */
  readonly reason: string | null;
  readonly decision: Decision;
  /** How many eligible nodes the image fits; of another result than `platform-missing` always `all`. */
  readonly fit: Fit;
  /** Eligible platforms that the image lacks, as `formatAll` writes them. */
  readonly missingPlatforms: readonly string[];
  /** null if no registry was asked. */
  readonly inspection: Inspection | null;
  /** The image that the pod will have: pinned, or as written. */
  readonly pinned: string;
  /** The node groups that the result is about; '' if nodes are not told apart. */
  readonly where: string;
  /** Explanation of the result, one line that continues after the image's name; '' if there is nothing to explain. */
  readonly message: string;
  /** Remarks that decide nothing: why an image was not pinned or not checked. */
  readonly notes: readonly string[];
}
