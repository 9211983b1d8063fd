/** The digests that pods are pinned to, by owner and container: kept as long as the owner lives, so that a roll-back finds its own again. */
import { limits } from '../../api/fields.ts';
import { type PinStatus, pinKeys } from '../../api/items.ts';
import type { StatusInputs } from './inputs.ts';
import { instant } from './text/instant.ts';
import type { Use } from './uses.ts';

/** With its time in milliseconds: thousands of pods have the same one. */
interface Pin extends Omit<PinStatus, 'since'> {
  readonly since: number;
}

/** The newest first. */
export function pinsOf(
  { object, users, ownerLives }: Pick<StatusInputs, 'object' | 'users' | 'ownerLives'>,
  uses: readonly Use[],
): readonly PinStatus[] {
  const owners = new Set(users.map(({ owner }) => owner?.uid));
  const kept = (object.status?.pins ?? [])
    .filter(({ ownerUID }) => owners.has(ownerUID) || ownerLives(ownerUID))
    .map((pin) => ({ ...pin, since: Date.parse(pin.since) }));
  const firsts = firstOfEach([...kept, ...uses.flatMap(pinIn)]).filter(isWritable);
  const newest = new Map<string, Pin>();
  // The oldest first: of an owner whose digest was gone and resolved anew, the newer one is written last and stays.
  for (const pin of firsts.toSorted((a, b) => -byAge(a, b)))
    newest.set(`${pin.ownerUID} ${pin.container}`, pin);
  return [...newest.values()]
    .sort(byAge)
    .slice(0, limits.pins)
    .map((pin) => ({ ...pin, since: instant(pin.since) }));
}

function pinIn({ pod: { owner, createdAt }, container, pinned }: Use): Pin[] {
  if (owner === null || pinned === null) return [];
  return [{ ownerUID: owner.uid, container, digest: pinned, since: createdAt }];
}

/** Anybody who may create pods can name any owner. */
function isWritable({ ownerUID, container }: Pin): boolean {
  return pinKeys.ownerUID.test(ownerUID) && pinKeys.container.test(container);
}

/** Each digest of an owner and container with the earliest time that is known of it. */
function firstOfEach(pins: readonly Pin[]): readonly Pin[] {
  const firsts = new Map<string, Pin>();
  for (const pin of pins) {
    const key = `${pin.ownerUID} ${pin.container} ${pin.digest}`;
    const known = firsts.get(key);
    if (!known || pin.since < known.since) firsts.set(key, pin);
  }
  return [...firsts.values()];
}

/** The newest first; those of one second in an order that stays. */
function byAge(a: Pin, b: Pin): number {
  const [one, other] = [a, b].map(({ ownerUID, container, digest }) => `${ownerUID} ${container} ${digest}`);
  return b.since - a.since || ((one ?? '') < (other ?? '') ? -1 : 1);
}
