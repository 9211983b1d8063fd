import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { buildStatusUpdate } from '../../../../../src/watch/api/apply.ts';
import { readStatus } from '../../../../../src/watch/api/parse-inspection.ts';
import { type Status, statusSchema } from '../../../../../src/watch/api/schema.ts';
import { buildEvents } from '../../../../../src/watch/controller/status/events/events.ts';
import { notifiedBy } from '../../../../../src/watch/controller/status/events/event-audience.ts';
import type { StatusInputs } from '../../../../../src/watch/controller/status/inputs.ts';
import { isSignificantChange } from '../../../../../src/watch/controller/status/significant.ts';
import { restoreImage } from '../../../../../src/watch/cluster/history/restored-image.ts';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import { anyInputs } from './any-inputs.ts';

const runs = { numRuns: 25 };

/** Returns the object as the API server stores it. */
function stored({ object }: StatusInputs, status: Status): Status | null {
  const { status: written } = JSON.parse(JSON.stringify(buildStatusUpdate(object, status))) as {
    status: unknown;
  };
  return readStatus(written);
}

/** The same at `now`, after `status` was written. */
function onwards(inputs: StatusInputs, status: Status | null, now = inputs.now): StatusInputs {
  return { ...inputs, now, object: { ...inputs.object, status } };
}

describe('any status', () => {
  test('is valid for the API server and reads back equal', () => {
    fc.assert(
      fc.property(anyInputs, anyInputs, (first, second) => {
        const before = buildStatus(first);
        for (const status of [before, buildStatus(onwards(second, before))]) {
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

  test('has unique keys in its lists', () => {
    fc.assert(
      fc.property(anyInputs, anyInputs, (first, second) => {
        const { pins, running, conditions } = buildStatus(onwards(second, buildStatus(first)));
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

  test('is not written again within an hour while nothing changes', () => {
    fc.assert(
      fc.property(anyInputs, fc.nat(3_599_000), (inputs, elapsed) => {
        const before = stored(inputs, buildStatus(inputs));
        const later = onwards(inputs, before, inputs.now + elapsed);
        const settled = stored(inputs, buildStatus(later));
        if (!before || !settled) throw new Error('a status that cannot be read');
        // A second look may know more of what runs; from then on nothing moves.
        const last = buildStatus(onwards(later, settled));
        expect(isSignificantChange(settled, last, later.now)).toBe(false);
        const audience = { users: inputs.users, runsOn: () => () => true };
        const warned = notifiedBy(settled, audience);
        expect(buildEvents(settled, last, warned, audience)).toEqual({ events: [], notified: warned });
        expect(last.conditions.map((each) => each.lastTransitionTime)).toEqual(
          settled.conditions.map((each) => each.lastTransitionTime),
        );
      }),
      runs,
    );
  });

  test('can be restored without an error', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const status = buildStatus(inputs);
        const restored = restoreImage({ ...inputs.object, status });
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
