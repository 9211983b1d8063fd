/**
 * Builder of Kubernetes conditions with `observedGeneration` and a transition time that changes only with the
 * status.
 */
import { type ConditionType, conditionOf } from '../../../api/conditions.ts';
import type { Condition } from '../../../api/items.ts';
import type { StatusInputs } from '../inputs.ts';
import { formatInstant } from '../text/instant.ts';

export interface ConditionDraft {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

export function buildConditions(
  drafts: readonly ConditionDraft[],
  { object, now }: StatusInputs,
): readonly Condition[] {
  return drafts.map(({ type, status, reason, message }) => {
    const before = conditionOf(object.status, type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatInstant(now);
    return { type, status, observedGeneration: object.generation, lastTransitionTime, reason, message };
  });
}
