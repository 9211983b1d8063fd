import { describe, expect, test } from '@jest/globals';
import type { PodRecord } from '../../../../src/watch/cluster/records/pod-record.ts';
import { MissedPods } from '../../../../src/watch/controller/missed-pods.ts';
import { record } from './records.ts';

const minute = 60_000;
const installed = Date.parse('2026-01-01T00:00:00Z');

/** A leader that begins at `now` with what the Lease says. */
function leader(now: number, annotations: Readonly<Record<string, string>> = {}) {
  const missed: string[] = [];
  const clock = { now };
  const asked: { by: boolean | null } = { by: true };
  const pods = new MissedPods({
    installedAt: installed,
    annotations,
    now: () => clock.now,
    isWebhookRegistered: () => asked.by,
    isJudged: ({ namespace }) => namespace !== 'off',
    onMissed: ({ name }) => missed.push(name),
  });
  return { pods, missed, clock, asked };
}

function pod(name: string, createdAt: number, parts: Partial<Omit<PodRecord, 'images'>> = {}): PodRecord {
  return record({ name, createdAt, hasVerdict: false, ...parts });
}

describe('pods stored without a verdict', () => {
  test('count if they are younger than the installation', () => {
    const { pods, missed } = leader(installed + minute);
    pods.consider(pod('before us', installed - 1));
    pods.consider(pod('ours', installed + 1, { hasVerdict: true }));
    pods.consider(pod('mirror', installed + 1, { isStaticPod: true }));
    pods.consider(pod('nobody asked', installed + 1, { namespace: 'off' }));
    pods.consider(pod('missed', installed + 1));
    expect(missed).toEqual(['missed']);
  });

  test('count once, however often they change', () => {
    const { pods, missed, clock } = leader(installed + minute);
    for (let i = 0; i < 5; i++) {
      pods.consider(pod('missed', installed + 1));
      clock.now += 5 * minute;
      pods.annotations();
    }
    expect(missed).toEqual(['missed']);
  });

  test('are not hidden by a clock that ran ahead', () => {
    const ahead = leader(installed + 1_000 * minute);
    ahead.clock.now = installed + 60 * minute;
    ahead.pods.annotations();
    ahead.pods.consider(pod('same leader', installed + 61 * minute));
    expect(ahead.missed).toEqual(['same leader']);
    const annotations = leader(installed + 1_000 * minute).pods.annotations();
    const next = leader(installed + 70 * minute, annotations);
    next.pods.consider(pod('next leader', installed + 71 * minute));
    expect(next.missed).toEqual(['next leader']);
  });

  test('are not counted again by the next leader, which counts those stored in between', () => {
    const first = leader(installed + 60 * minute);
    first.pods.consider(pod('early', installed + 30 * minute));
    first.pods.consider(pod('late', installed + 59 * minute));
    const second = leader(installed + 120 * minute, first.pods.annotations());
    for (const each of [
      pod('early', installed + 30 * minute),
      pod('late', installed + 59 * minute),
      pod('between', installed + 90 * minute),
      // Its creation came to the first leader after its last renewal.
      pod('unseen', installed + 58 * minute),
    ]) {
      second.pods.consider(each);
    }
    expect(second.missed).toEqual(['between', 'unseen']);
  });

  test('are limited in the annotations of the Lease', () => {
    const { pods } = leader(installed + minute);
    for (let i = 0; i < 2_000; i++) pods.consider(pod(`p${i}`, installed + 1_000 + i));
    const annotations = pods.annotations();
    expect(JSON.stringify(annotations).length).toBeLessThan(20_000);
    const next = leader(installed + 2 * minute, annotations);
    for (let i = 0; i < 2_000; i++) next.pods.consider(pod(`p${i}`, installed + 1_000 + i));
    expect(next.missed).toEqual([]);
  });

  test('do not count where the webhook was not registered, even if it is later', () => {
    const { pods, missed, clock, asked } = leader(installed + minute);
    asked.by = false;
    pods.consider(pod('before', installed + 1));
    pods.annotations();
    asked.by = true;
    clock.now += 5 * minute;
    pods.consider(pod('before', installed + 1));
    pods.consider(pod('after', installed + 2 * minute));
    expect(missed).toEqual(['after']);
  });

  test('count later if the registration is unknown at first', () => {
    const { pods, missed, clock, asked } = leader(installed + 60 * minute);
    asked.by = null;
    pods.consider(pod('missed', installed + 1));
    clock.now += 60 * minute;
    const annotations = pods.annotations();
    expect(missed).toEqual([]);
    const next = leader(clock.now, annotations);
    next.pods.consider(pod('missed', installed + 1));
    expect(next.missed).toEqual(['missed']);
    asked.by = true;
    pods.annotations();
    pods.annotations();
    expect(missed).toEqual(['missed']);
  });

  test.each([['nonsense'], ['']])('the annotation %j is ignored', (text) => {
    const { pods, missed } = leader(installed + minute, { 'pratique.dev/pods-seen-until': text });
    pods.consider(pod('missed', installed + 1));
    expect(missed).toEqual(['missed']);
  });
});
