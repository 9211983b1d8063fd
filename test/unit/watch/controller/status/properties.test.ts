import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { buildStatusUpdate } from '../../../../../src/watch/api/apply.ts';
import { readStatus } from '../../../../../src/watch/api/read.ts';
import { type Status, statusSchema } from '../../../../../src/watch/api/schema.ts';
import { eventsFor } from '../../../../../src/watch/controller/status/events/events.ts';
import { notifiedBy } from '../../../../../src/watch/controller/status/events/event-audience.ts';
import type { StatusInputs } from '../../../../../src/watch/controller/status/inputs.ts';
import { isSignificantChange } from '../../../../../src/watch/controller/status/significant.ts';
import { restoreImage } from '../../../../../src/watch/cluster/history/restored-image.ts';
import { statusOf } from '../../../../../src/watch/controller/status/status.ts';
import { anyFacts } from './any-inputs.ts';

const runs = { numRuns: 25 };

/** As the API server gives it back. */
function stored({ object }: StatusInputs, status: Status): Status | null {
  const { status: written } = JSON.parse(JSON.stringify(buildStatusUpdate(object, status))) as {
    status: unknown;
  };
  return readStatus(written);
}

/** The same at `now`, after `status` was written. */
function onwards(facts: StatusInputs, status: Status | null, now = facts.now): StatusInputs {
  return { ...facts, now, object: { ...facts.object, status } };
}

describe('any status', () => {
  test('is one that the API server takes, and reads back as it was', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (first, second) => {
        const before = statusOf(first);
        for (const status of [before, statusOf(onwards(second, before))]) {
          expect(statusSchema.safeParse(status).error).toBeUndefined();
          expect(stored(first, status)).toEqual(status);
          const text = JSON.stringify(status);
          // Neither controls nor half surrogate pairs: JSON would escape them.
          expect(text).not.toMatch(/\\u00[01]|\\ud/);
          expect(text.length).toBeLessThan(200_000);
        }
      }),
      runs,
    );
  });

  test('has no item of a keyed list twice', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (first, second) => {
        const { pins, running, conditions } = statusOf(onwards(second, statusOf(first)));
        const keys = [
          ...pins.map(({ ownerUID, container }) => JSON.stringify([ownerUID, container])),
          ...running.map(({ digest }) => digest),
          ...conditions.map(({ type }) => type),
        ];
        expect(new Set(keys).size).toBe(keys.length);
      }),
      runs,
    );
  });

  test('is not worth a second write within the hour while nothing changes', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(3_599_000), (facts, elapsed) => {
        const before = stored(facts, statusOf(facts));
        const later = onwards(facts, before, facts.now + elapsed);
        const settled = stored(facts, statusOf(later));
        if (!before || !settled) throw new Error('a status that cannot be read');
        // A second look may know more of what runs; from then on nothing moves.
        const last = statusOf(onwards(later, settled));
        expect(isSignificantChange(settled, last, later.now)).toBe(false);
        const audience = { users: facts.users, landsOn: () => () => true };
        const warned = notifiedBy(settled, audience);
        expect(eventsFor(settled, last, warned, audience)).toEqual({ events: [], warned });
        expect(last.conditions.map((each) => each.lastTransitionTime)).toEqual(
          settled.conditions.map((each) => each.lastTransitionTime),
        );
      }),
      runs,
    );
  });

  test('can be remembered, or not, but never breaks', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const status = statusOf(facts);
        const restored = restoreImage({ ...facts.object, status });
        expect(restored?.digest).toBe(restored ? status.digest : undefined);
        for (const each of restored?.credentials ?? []) {
          expect(status.credentials).toContainEqual(
            expect.objectContaining({
              serviceAccountName: each.serviceAccount,
              imagePullSecrets: each.pullSecrets,
              digest: restored?.digest,
            }),
          );
        }
      }),
      runs,
    );
  });
});
