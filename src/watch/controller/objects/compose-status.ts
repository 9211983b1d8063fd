/** The statuses that the reconciler writes, put together from what it remembers. What a status says is made in `status/`. */
import { isDeepStrictEqual } from 'node:util';
import type { ImageInspection } from '../../api/read.ts';
import { limits } from '../../api/fields.ts';
import type { Status } from '../../api/schema.ts';
import { cut } from '../../../util/text/text.ts';
import { credentialSetKey } from '../../cluster/lookups/credential-sets.ts';
import type { ObjectState } from './object-state.ts';
import type { InspectionPlan } from '../inspect/plan.ts';
import { instant } from '../status/text/instant.ts';
import { pinsOf } from '../status/pins.ts';
import { statusOf } from '../status/status.ts';
import { usesIn } from '../status/uses.ts';

/** By the answers at hand, for the users of now. */
export function composed(
  object: ImageInspection,
  { reference, users, moreSets }: InspectionPlan,
  { answers, askedAt }: Pick<ObjectState, 'answers' | 'askedAt'>,
  ownerLives: (uid: string) => boolean,
  now: number,
): Status {
  const { sets = [], compared = null, parts = [], elsewhere = [] } = answers ?? {};
  const status = statusOf({ object, reference, users, sets, compared, parts, elsewhere, ownerLives, now });
  return { ...withMore(status, moreSets), lastInspected: instant(askedAt) };
}

function withMore(status: Status, more: number): Status {
  if (more === 0) return status;
  const words = `; ${more} more sets of credentials were not asked with`;
  const conditions = status.conditions.map((each) => {
    if (each.type !== 'Available') return each;
    return { ...each, message: cut(each.message, limits.message - words.length) + words };
  });
  return { ...status, conditions };
}

/** Of an image that nobody uses, kept for its pins; null: it says so already. */
export function resting(status: Status): Status | null {
  const { usedBy, running } = status;
  if (usedBy.pods + usedBy.workloads === 0 && running.length === 0) return null;
  return {
    ...status,
    usedBy: { pods: 0, workloads: 0 },
    running: [],
    conditions: status.conditions.filter(({ type }) => type !== 'Drifted'),
  };
}

/** With those that came meanwhile. */
function pinsSince(object: ImageInspection, { reference, users }: InspectionPlan): Status['pins'] {
  const facts = { object, reference, users, ownerLives: () => true };
  return pinsOf(facts, usesIn(facts));
}

/** Has the leader before asked for just this, as far as its status tells? */
export function hasFollowed(object: ImageInspection, status: Status, question: InspectionPlan): boolean {
  if (status.observedGeneration !== object.generation) return false;
  const asked = new Set(
    status.credentials.map(({ serviceAccountName, imagePullSecrets }) =>
      credentialSetKey({ serviceAccount: serviceAccountName, pullSecrets: imagePullSecrets }),
    ),
  );
  if (!question.sets.every((set) => asked.has(credentialSetKey(set)))) return false;
  // As it was when nobody used it.
  if (question.users.length > 0 && status.usedBy.pods + status.usedBy.workloads === 0) return false;
  if (!isDeepStrictEqual(pinsSince(object, question), status.pins)) return false;
  if (status.running.length >= limits.running) return true;
  const told = new Set<string>(status.running.map(({ digest }) => digest));
  return [...question.running].every((digest) => told.has(digest));
}
