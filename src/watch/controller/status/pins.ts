/** The digests that pods are pinned to, by owner and container: kept as long as the owner lives, so that a roll-back finds its own again. */
import { limits } from '../../api/fields.ts';
import { type PinStatus, pinKeys } from '../../api/items.ts';
import type { Facts } from './facts.ts';
import { instant } from './instant.ts';
import type { Use } from './uses.ts';

/** The newest first. */
export function pinsOf(
  { object, users, ownerLives }: Pick<Facts, 'object' | 'users' | 'ownerLives'>,
  uses: readonly Use[],
): readonly PinStatus[] {
  const owners = new Set(users.map(({ owner }) => owner?.uid));
  const kept = (object.status?.pins ?? []).filter(
    ({ ownerUID }) => owners.has(ownerUID) || ownerLives(ownerUID),
  );
  const firsts = firstOfEach([...kept, ...uses.flatMap(pinIn)]);
  const newest = new Map<string, PinStatus>();
  // The oldest first: of an owner whose digest was gone and resolved anew, the newer one is written last and stays.
  for (const pin of firsts.toSorted((a, b) => -byAge(a, b)))
    newest.set(`${pin.ownerUID} ${pin.container}`, pin);
  return [...newest.values()].sort(byAge).slice(0, limits.pins);
}

function pinIn({ pod: { owner, createdAt }, container, pinned }: Use): PinStatus[] {
  if (owner === null || pinned === null) return [];
  if (!pinKeys.ownerUID.test(owner.uid) || !pinKeys.container.test(container)) return [];
  return [{ ownerUID: owner.uid, container, digest: pinned, since: instant(createdAt) }];
}

/** Each digest of an owner and container with the earliest time that is known of it. */
function firstOfEach(pins: readonly PinStatus[]): readonly PinStatus[] {
  const firsts = new Map<string, PinStatus>();
  for (const pin of pins) {
    const key = `${pin.ownerUID} ${pin.container} ${pin.digest}`;
    const known = firsts.get(key);
    if (!known || Date.parse(pin.since) < Date.parse(known.since)) firsts.set(key, pin);
  }
  return [...firsts.values()];
}

/** The newest first; those of one second in an order that stays. */
function byAge(a: PinStatus, b: PinStatus): number {
  const [one, other] = [a, b].map(({ ownerUID, container, digest }) => `${ownerUID} ${container} ${digest}`);
  return Date.parse(b.since) - Date.parse(a.since) || ((one ?? '') < (other ?? '') ? -1 : 1);
}
