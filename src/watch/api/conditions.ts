/** Conditions of an ImageInspection, and functions that read them. */
import type { Condition } from './items.ts';
import type { Status } from './schema.ts';

export type ConditionType =
  | 'Ready'
  | 'Stalled'
  | 'Reconciling'
  | 'Available'
  | 'PlatformsSatisfied'
  | 'Drifted'
  | 'MirrorsConsistent'
  | 'PartsPresent';

export function conditionOf(status: Status | null, type: ConditionType): Condition | undefined {
  return status?.conditions.find((condition) => condition.type === type);
}

export function isDrifted(status: Status | null): boolean {
  return conditionOf(status, 'Drifted')?.status === 'True';
}
