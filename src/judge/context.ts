/**
 * Input of one evaluation: everything that a judgement is computed from. Answers of registries come through
 * `lookup`.
 */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { PodContext } from './cluster-context.ts';
import type { References } from './image/references.ts';
import type { NodeGroup } from './nodes/group.ts';
import type { Policies } from './policy/policies.ts';
import type { Subject } from './subject.ts';

/**
 * Returns the inspection for the nodes of a group. Returns undefined if the inspection is missing, and then
 * also requests it.
 */
export type InspectionLookup = (reference: Reference, group: NodeGroup) => Inspection | undefined;

export interface EvaluationContext {
  readonly subject: Subject;
  readonly podContext: PodContext;
  readonly policies: Policies;
  readonly references: References;
  readonly lookup: InspectionLookup;
}
