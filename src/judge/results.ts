/** Results and decisions of a judgement as closed sets, and the verdict on one image. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Fit } from './nodes/fit.ts';
import type { Policy } from './policy/schema.ts';
import type { ImageUse } from './workload/image-use.ts';

/**
 * Results of an image, best first. An unknown state (`unavailable`) is never reported as an absence
 * (`not-found`).
 */
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

/** Decisions, mildest first. */
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
  /**
   * Detail in PascalCase: `Schema1`, `Artifact`, `PullPolicyNever`, `PresentOnNode`, or the reason of the
   * inspection; null if there is none.
   */
  readonly reason: string | null;
  readonly decision: Decision;
  /**
   * Share of the eligible nodes on which the image runs; always `all` unless the result is
   * `platform-missing`.
   */
  readonly fit: Fit;
  /** Eligible platforms that the image lacks, formatted by `formatAll`. */
  readonly missingPlatforms: readonly string[];
  /** null if no registry was queried. */
  readonly inspection: Inspection | null;
  /** Image that the pod will have: pinned, or as written. */
  readonly pinned: string;
  /** Names of the node groups that the result concerns; '' if the result does not depend on the group. */
  readonly where: string;
  /**
   * Explanation of the result in one line that continues after the image's name; '' if there is nothing to
   * explain.
   */
  readonly message: string;
  /** Remarks that do not affect the decision, such as why an image was not pinned or not checked. */
  readonly notes: readonly string[];
}
