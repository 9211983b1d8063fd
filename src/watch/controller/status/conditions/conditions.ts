/** Conditions as Kubernetes wants them: each with its generation, and a time that moves only with the status. What they say comes from their own files. */
import { type ConditionType, conditionOf } from '../../../api/conditions.ts';
import type { Condition } from '../../../api/items.ts';
import type { StatusInputs } from '../inputs.ts';
import { instant } from '../text/instant.ts';

export interface Draft {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

export function conditionsOf(drafts: readonly Draft[], { object, now }: StatusInputs): readonly Condition[] {
  return drafts.map(({ type, status, reason, message }) => {
    const before = conditionOf(object.status, type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : instant(now);
    return { type, status, observedGeneration: object.generation, lastTransitionTime, reason, message };
  });
}
