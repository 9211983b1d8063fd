/**
 * Digests that pods are pinned to, by owner and container. They are kept while the owner exists, so that a
 * rollback finds its digest.
 */
import { limits } from '../../api/fields.ts';
import { type PinStatus, pinKeys } from '../../api/items.ts';
import type { StatusInputs } from './inputs.ts';
import { formatInstant } from './text/instant.ts';
import type { ContainerUse } from './uses.ts';

/** Pin with its time in milliseconds. */
interface ParsedPin extends Omit<PinStatus, 'since'> {
  readonly since: number;
}

/** Returns the merged pins, newest first. */
export function mergePins(
  { object, users, ownerExists }: Pick<StatusInputs, 'object' | 'users' | 'ownerExists'>,
  uses: readonly ContainerUse[],
): readonly PinStatus[] {
  const owners = new Set(users.map(({ owner }) => owner?.uid));
  const kept = (object.status?.pins ?? [])
    .filter(({ ownerUID }) => owners.has(ownerUID) || ownerExists(ownerUID))
    .map((pin) => ({ ...pin, since: Date.parse(pin.since) }));
  const firsts = earliestOfEach([...kept, ...uses.flatMap(pinOfUse)]).filter(isValidPin);
  const newest = new Map<string, ParsedPin>();
  // The pins are in the order of their age, oldest first, so that a newer pin of an owner replaces an older
  // one whose digest is gone.
  for (const pin of firsts.toSorted((a, b) => -compareByAge(a, b)))
    newest.set(`${pin.ownerUID} ${pin.container}`, pin);
  return [...newest.values()]
    .sort(compareByAge)
    .slice(0, limits.pins)
    .map((pin) => ({ ...pin, since: formatInstant(pin.since) }));
}

function pinOfUse({ pod: { owner, createdAt }, container, pinned }: ContainerUse): ParsedPin[] {
  if (owner === null || pinned === null) return [];
  return [{ ownerUID: owner.uid, container, digest: pinned, since: createdAt }];
}

/** Validates the identity, because any user who may create pods can name any owner. */
function isValidPin({ ownerUID, container }: ParsedPin): boolean {
  return pinKeys.ownerUID.test(ownerUID) && pinKeys.container.test(container);
}

/** Returns each digest of an owner and container with its earliest known time. */
function earliestOfEach(pins: readonly ParsedPin[]): readonly ParsedPin[] {
  const firsts = new Map<string, ParsedPin>();
  for (const pin of pins) {
    const key = `${pin.ownerUID} ${pin.container} ${pin.digest}`;
    const known = firsts.get(key);
    if (!known || pin.since < known.since) firsts.set(key, pin);
  }
  return [...firsts.values()];
}

/** Sorts newest first, with a stable order within one second. */
function compareByAge(a: ParsedPin, b: ParsedPin): number {
  const [one, other] = [a, b].map(({ ownerUID, container, digest }) => `${ownerUID} ${container} ${digest}`);
  return b.since - a.since || ((one ?? '') < (other ?? '') ? -1 : 1);
}
