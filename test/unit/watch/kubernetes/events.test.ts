import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fields, text } from '../../../../src/util/unstructured.ts';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import {
  eventObject,
  nameOf,
  namespaceOf,
  type Occurrence,
} from '../../../../src/watch/kubernetes/event-object.ts';
import { createEvents, type EventsOptions } from '../../../../src/watch/kubernetes/events.ts';
import { anyText } from '../../../kit/fakes/any-text.ts';
import { storedApi } from './stored-api.ts';

const about = { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: 'web-1', uid: 'u1' };
const drifted: Occurrence = { about, type: 'Warning', reason: 'ImageDrifted', message: 'it moved' };
const collection = '/api/v1/namespaces/shop/events';
const pathOf = (occurrence: Occurrence) => `${collection}/${nameOf(occurrence)}`;

function scene(options: Partial<EventsOptions> = {}) {
  const api = storedApi();
  const seen: string[] = [];
  let time = Date.parse('2026-03-04T05:06:07.890Z');
  const stop = new AbortController();
  const events = createEvents({
    api,
    instance: 'replica-a',
    signal: stop.signal,
    now: () => time,
    observer: {
      written: ({ reason }) => seen.push(`written ${reason}`),
      dropped: ({ reason }) => seen.push(`dropped ${reason}`),
      failed: ({ reason }, error) =>
        seen.push(`failed ${reason} ${error instanceof KubernetesError ? error.code : 'x'}`),
    },
    ...options,
  });
  const record = async (occurrence: Occurrence): Promise<void> => {
    events.record(occurrence);
    await events.idle();
  };
  return { api, seen, events, record, stop, pass: (ms: number) => void (time += ms) };
}

describe('an occurrence', () => {
  test('becomes an Event that kubectl describe finds', async () => {
    const { api, record } = scene();
    await record(drifted);
    expect(api.object(pathOf(drifted))).toMatchObject({
      kind: 'Event',
      metadata: { namespace: 'shop' },
      involvedObject: about,
      type: 'Warning',
      reason: 'ImageDrifted',
      message: 'it moved',
      source: { component: 'pratique' },
      reportingComponent: 'pratique',
      reportingInstance: 'replica-a',
      firstTimestamp: '2026-03-04T05:06:07Z',
      lastTimestamp: '2026-03-04T05:06:07Z',
      count: 1,
    });
  });

  test('seen again is only counted for a while, and then written with the count', async () => {
    const { api, record, pass, seen } = scene();
    await record(drifted);
    for (let n = 0; n < 10; n++) await record(drifted);
    expect(api.asked).toEqual([`POST ${collection}`]);
    pass(600_000);
    await record(drifted);
    expect(api.asked.slice(1)).toEqual([`PATCH ${pathOf(drifted)}`]);
    expect(api.object(pathOf(drifted))).toMatchObject({ count: 12, lastTimestamp: '2026-03-04T05:16:07Z' });
    expect(seen).toEqual(['written ImageDrifted', 'written ImageDrifted']);
  });

  test('that another replica has written is counted on', async () => {
    const { api, record, pass } = scene();
    api.put(pathOf(drifted), { count: 7 });
    await record(drifted);
    expect(api.object(pathOf(drifted))).toMatchObject({ count: 8 });
    pass(600_000);
    await record(drifted);
    expect(api.object(pathOf(drifted))).toMatchObject({ count: 9 });
  });

  test('whose Event was forgotten meanwhile gets a new one at its next turn', async () => {
    const { api, record, pass, seen } = scene();
    await record(drifted);
    api.delete(pathOf(drifted));
    pass(600_000);
    await record(drifted);
    await record(drifted);
    expect(seen).toEqual(['written ImageDrifted', 'failed ImageDrifted NotFound', 'written ImageDrifted']);
  });

  test('of an object that has had too many is dropped, until time has passed; others are not', async () => {
    const { record, pass, seen } = scene({ bucket: { burst: 3, everyMs: 1000 } });
    for (let n = 0; n < 5; n++) await record({ ...drifted, message: `message ${n}` });
    expect(seen.map((line) => line.split(' ')[0])).toEqual([
      'written',
      'written',
      'written',
      'dropped',
      'dropped',
    ]);
    await record({ ...drifted, about: { ...about, name: 'other', uid: 'u2' } });
    pass(1000);
    await record({ ...drifted, message: 'later' });
    expect(seen.slice(5)).toEqual(['written ImageDrifted', 'written ImageDrifted']);
  });

  test('is dropped when too many are under way, and nobody waits', () => {
    const { api, events, seen } = scene();
    api.fail(() => new Promise(() => {}));
    for (let n = 0; n < 100; n++) events.record({ ...drifted, about: { ...about, uid: `u${n}` } });
    expect(seen).toHaveLength(36);
  });

  test('that cannot be written is told, and nothing is thrown', async () => {
    const { api, record, seen, stop } = scene();
    api.fail(() => new KubernetesError('Forbidden', 'no'));
    await record(drifted);
    await record({ ...drifted, about: { ...about, namespace: '../secrets' } });
    expect(seen).toEqual(['failed ImageDrifted Forbidden', 'failed ImageDrifted Unusable']);
    stop.abort();
    await record(drifted);
    expect(api.asked).toHaveLength(1);
  });

  test('about what has no namespace is in the default one', () => {
    const node = { ...drifted, about: { ...about, kind: 'Node', namespace: '' } };
    expect(namespaceOf(node)).toBe('default');
    expect(
      fields(eventObject(node, { count: 1, first: 0, last: 0 }, '')['involvedObject'])['namespace'],
    ).toBeUndefined();
  });
});

test('whatever is in it, an Event has a valid name and bounded texts', () => {
  const anything = fc.record({
    about: fc.record({
      apiVersion: fc.string(),
      kind: fc.string(),
      namespace: fc.string(),
      name: fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/),
      uid: fc.string(),
    }),
    type: fc.constantFrom('Normal' as const, 'Warning' as const),
    reason: fc.string({ maxLength: 300 }),
    message: anyText({ maxLength: 5000 }),
  });
  fc.assert(
    fc.property(anything, (occurrence) => {
      const name = nameOf(occurrence);
      expect(name.length).toBeLessThanOrEqual(253);
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
      const event = eventObject(occurrence, { count: 1, first: 0, last: 0 }, 'i'.repeat(300));
      expect(Buffer.byteLength(text(event['message']))).toBeLessThanOrEqual(1024);
      expect(text(event['reason']).length).toBeLessThanOrEqual(128);
    }),
  );
});
