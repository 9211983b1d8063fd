/** Conditions of kstatus, for tools such as Argo CD, Flux and `kubectl wait`: `Ready`, `Stalled`, `Reconciling`. */
import type { Result } from '../../../../judge/results.ts';
import type { ImageInspection } from '../../../api/parse-inspection.ts';
import type { Status } from '../../../api/schema.ts';
import type { ImageSummary } from '../credentials.ts';
import { formatInstant } from '../text/instant.ts';
import type { ConditionDraft } from './conditions.ts';

/** `available` and `satisfied` are the conditions that explain the result. */
export function readyConditions(
  { result, reason }: ImageSummary,
  available: ConditionDraft,
  satisfied: ConditionDraft,
): readonly ConditionDraft[] {
  const { message } = result === 'platform-missing' ? satisfied : available;
  const word = reason ?? reasonOf(result);
  const isInvalid = result === 'invalid';
  return [
    { type: 'Ready', status: readyStatus(result), reason: word, message },
    // Only another spec can make an invalid image valid.
    isInvalid
      ? { type: 'Stalled', status: 'True', reason: word, message }
      : { type: 'Stalled', status: 'False', reason: 'NotStalled', message: 'inspections are repeated' },
    { type: 'Reconciling', status: 'False', reason: 'Inspected', message: 'the status is about this spec' },
  ];
}

/** Returns the status with `Reconciling` set, to be written before the inspection of a changed spec. */
export function withReconciling(status: Status, { generation }: ImageInspection, now: number): Status {
  const reconciling = {
    type: 'Reconciling',
    status: 'True',
    observedGeneration: generation,
    lastTransitionTime: formatInstant(now),
    reason: 'SpecChanged',
    message: 'the spec has changed and is being inspected',
  } as const;
  const others = status.conditions.filter(({ type }) => type !== 'Reconciling');
  return { ...status, conditions: [...others, reconciling] };
}

function readyStatus(result: Result): ConditionDraft['status'] {
  switch (result) {
    case 'available':
    case 'not-checked':
      return 'True';
    case 'not-found':
    case 'invalid':
    case 'denied':
    case 'platform-missing':
      return 'False';
    case 'unavailable':
      return 'Unknown';
    default:
      return result satisfies never;
  }
}

/** Returns `PlatformMissing` for `platform-missing`. */
function reasonOf(result: Result): string {
  return result.replace(/(?:^|-)[a-z]/g, (letters) => letters.slice(-1).toUpperCase());
}
