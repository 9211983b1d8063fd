import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fields, text } from '../../../../src/util/unstructured.ts';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import {
  buildEvent,
  eventName,
  eventNamespace,
  type EventData,
} from '../../../../src/watch/kubernetes/event-object.ts';
import {
  createEventRecorder,
  type EventRecorderOptions,
} from '../../../../src/watch/kubernetes/event-recorder.ts';
import { anyText } from '../../../kit/fakes/any-text.ts';
import { storedApi } from './stored-api.ts';

const regarding = { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: 'web-1', uid: 'u1' };
const drifted: EventData = { regarding, type: 'Warning', reason: 'ImageDrifted', message: 'it moved' };
const collection = '/api/v1/namespaces/shop/events';
const pathOf = (event: EventData) => `${collection}/${eventName(event)}`;

function setUp(options: Partial<EventRecorderOptions> = {}) {
  const api = storedApi();
  const seen: string[] = [];
  let time = Date.parse('2026-03-04T05:06:07.890Z');
  const stop = new AbortController();
  const events = createEventRecorder({
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
  const record = async (event: EventData): Promise<void> => {
    events.record(event);
    await events.idle();
  };
  return { api, seen, events, record, stop, pass: (ms: number) => void (time += ms) };
}

describe('the Event recorder', () => {
  test('writes an Event that kubectl describe finds', async () => {
    const { api, record } = setUp();
    await record(drifted);
    expect(api.object(pathOf(drifted))).toMatchObject({
      kind: 'Event',
      metadata: { namespace: 'shop' },
      involvedObject: regarding,
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

  test('counts a repeated Event and writes the count after the quiet time', async () => {
    const { api, record, pass, seen } = setUp();
    await record(drifted);
    for (let n = 0; n < 10; n++) await record(drifted);
    expect(api.asked).toEqual([`POST ${collection}`]);
    pass(600_000);
    await record(drifted);
    expect(api.asked.slice(1)).toEqual([`PATCH ${pathOf(drifted)}`]);
    expect(api.object(pathOf(drifted))).toMatchObject({ count: 12, lastTimestamp: '2026-03-04T05:16:07Z' });
    expect(seen).toEqual(['written ImageDrifted', 'written ImageDrifted']);
  });

  test('continues the count of an Event that another replica wrote', async () => {
    const { api, record, pass } = setUp();
    api.put(pathOf(drifted), { count: 7 });
    await record(drifted);
    expect(api.object(pathOf(drifted))).toMatchObject({ count: 8 });
    pass(600_000);
    await record(drifted);
    expect(api.object(pathOf(drifted))).toMatchObject({ count: 9 });
  });

  test('creates an Event again after the API server deleted it', async () => {
    const { api, record, pass, seen } = setUp();
    await record(drifted);
    api.delete(pathOf(drifted));
    pass(600_000);
    await record(drifted);
    await record(drifted);
    expect(seen).toEqual(['written ImageDrifted', 'failed ImageDrifted NotFound', 'written ImageDrifted']);
  });

  test('drops Events of an object that exceeds its limit until time has passed, and no other Events', async () => {
    const { record, pass, seen } = setUp({ bucket: { burst: 3, everyMs: 1000 } });
    for (let n = 0; n < 5; n++) await record({ ...drifted, message: `message ${n}` });
    expect(seen.map((line) => line.split(' ')[0])).toEqual([
      'written',
      'written',
      'written',
      'dropped',
      'dropped',
    ]);
    await record({ ...drifted, regarding: { ...regarding, name: 'other', uid: 'u2' } });
    pass(1000);
    await record({ ...drifted, message: 'later' });
    expect(seen.slice(5)).toEqual(['written ImageDrifted', 'written ImageDrifted']);
  });

  test('drops Events without waiting when too many writes are in flight', () => {
    const { api, events, seen } = setUp();
    api.fail(() => new Promise(() => {}));
    for (let n = 0; n < 100; n++) events.record({ ...drifted, regarding: { ...regarding, uid: `u${n}` } });
    expect(seen).toHaveLength(36);
  });

  test('reports a failed write and throws nothing', async () => {
    const { api, record, seen, stop } = setUp();
    api.fail(() => new KubernetesError('Forbidden', 'no'));
    await record(drifted);
    await record({ ...drifted, regarding: { ...regarding, namespace: '../secrets' } });
    expect(seen).toEqual(['failed ImageDrifted Forbidden', 'failed ImageDrifted Unusable']);
    stop.abort();
    await record(drifted);
    expect(api.asked).toHaveLength(1);
  });

  test('writes Events that regard cluster-scoped objects to the default namespace', () => {
    const node = { ...drifted, regarding: { ...regarding, kind: 'Node', namespace: '' } };
    expect(eventNamespace(node)).toBe('default');
    expect(
      fields(buildEvent(node, { count: 1, first: 0, last: 0 }, '')['involvedObject'])['namespace'],
    ).toBeUndefined();
  });
});

test('an Event has a valid name and bounded texts whatever its data', () => {
  const anything = fc.record({
    regarding: fc.record({
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
    fc.property(anything, (event) => {
      const name = eventName(event);
      expect(name.length).toBeLessThanOrEqual(253);
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
      const object = buildEvent(event, { count: 1, first: 0, last: 0 }, 'i'.repeat(300));
      expect(Buffer.byteLength(text(object['message']))).toBeLessThanOrEqual(1024);
      expect(text(object['reason']).length).toBeLessThanOrEqual(128);
    }),
  );
});
