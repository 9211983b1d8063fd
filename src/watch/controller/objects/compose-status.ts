/** Statuses for the reconciler to write, from its state of the object. `status/` builds their content. */
import { isDeepStrictEqual } from 'node:util';
import type { ImageInspection } from '../../api/parse-inspection.ts';
import { limits } from '../../api/fields.ts';
import type { Status } from '../../api/schema.ts';
import { cut } from '../../../util/text/text.ts';
import { credentialSetKey } from '../../cluster/lookups/credential-sets.ts';
import type { ObjectState } from './object-state.ts';
import type { InspectionPlan } from '../inspect/plan.ts';
import { formatInstant } from '../status/text/instant.ts';
import { mergePins } from '../status/pins.ts';
import type { StatusInputs } from '../status/inputs.ts';
import { buildStatus } from '../status/build-status.ts';
import { containerUses } from '../status/uses.ts';

/** Builds the status from the last results and the current users. */
export function composeStatus(
  object: ImageInspection,
  { reference, users, moreSets }: InspectionPlan,
  { results, inspectedAt }: Pick<ObjectState, 'results' | 'inspectedAt'>,
  { ownerExists, isUnpinned }: Pick<StatusInputs, 'ownerExists'> & Required<Pick<StatusInputs, 'isUnpinned'>>,
  now: number,
): Status {
  const {
    sets = [],
    comparison = null,
    parts = [],
    otherGroupDigests = [],
    contentRelations = new Map(),
  } = results ?? {};
  const status = buildStatus({
    object,
    reference,
    users,
    sets,
    comparison,
    parts,
    otherGroupDigests,
    contentRelations,
    ownerExists,
    isUnpinned,
    now,
  });
  return { ...withMoreSets(status, moreSets), lastInspected: formatInstant(inspectedAt) };
}

function withMoreSets(status: Status, more: number): Status {
  if (more === 0) return status;
  const suffix = `; ${more} more sets of credentials were not used`;
  const conditions = status.conditions.map((each) => {
    if (each.type !== 'Available') return each;
    return { ...each, message: cut(each.message, limits.message - suffix.length) + suffix };
  });
  return { ...status, conditions };
}

/** Returns the status of an image without users that is kept for its pins; null if the object has it already. */
export function unusedStatus(status: Status): Status | null {
  const { usedBy, running, unpinned: _unpinned, ...others } = status;
  if (usedBy.pods + usedBy.workloads === 0 && running.length === 0) return null;
  return {
    ...others,
    usedBy: { pods: 0, workloads: 0, names: [] },
    running: [],
    conditions: status.conditions.filter(({ type }) => type !== 'Drifted'),
  };
}

/** Returns the pins with those of new pods. */
function currentPins(object: ImageInspection, { reference, users }: InspectionPlan): Status['pins'] {
  const facts = { object, reference, users, ownerExists: () => true };
  return mergePins(facts, containerUses(facts));
}

/** Returns whether the previous leader inspected the image for this plan, as far as the status shows. */
export function wasInspectedFor(object: ImageInspection, status: Status, plan: InspectionPlan): boolean {
  if (status.observedGeneration !== object.generation) return false;
  if ((status.lastInspectNow ?? '') !== object.inspectNow) return false;
  const asked = new Set(
    status.credentials.map(({ serviceAccountName, imagePullSecrets }) =>
      credentialSetKey({ serviceAccount: serviceAccountName, pullSecrets: imagePullSecrets }),
    ),
  );
  if (!plan.sets.every((set) => asked.has(credentialSetKey(set)))) return false;
  // The status was written when the image had no users.
  if (plan.users.length > 0 && status.usedBy.pods + status.usedBy.workloads === 0) return false;
  if (!isDeepStrictEqual(currentPins(object, plan), status.pins)) return false;
  if (status.running.length >= limits.running) return true;
  const told = new Set<string>(status.running.map(({ digest }) => digest));
  return [...plan.running].every((digest) => told.has(digest));
}
