/** All that a judgement is made from, in one place; the answers of registries come through `look`. */
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { NodeGroup } from './nodes/group.ts';
import type { Policies } from './policy/policies.ts';
import type { References } from './image/references.ts';
import type { Subject } from './subject.ts';
import type { PodContext } from './cluster-context.ts';

/** The answer for the nodes of a group, where it is at hand; undefined when it has yet to be asked for, of which `Look` takes note. */
export type InspectionLookup = (reference: Reference, group: NodeGroup) => Inspection | undefined;

export interface EvaluationContext {
  readonly subject: Subject;
  readonly podContext: PodContext;
  readonly policies: Policies;
  readonly references: References;
  readonly lookup: InspectionLookup;
}
