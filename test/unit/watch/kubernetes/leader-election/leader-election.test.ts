import { describe, expect, test } from '@jest/globals';
import { fields } from '../../../../../src/util/unstructured.ts';
import { KubernetesError } from '../../../../../src/watch/kubernetes/api.ts';
import {
  type ElectOptions,
  elect,
  type Leadership,
  type LeaseTimes,
} from '../../../../../src/watch/kubernetes/leader-election/leader-election.ts';
import { microTime } from '../../../../../src/watch/kubernetes/micro-time.ts';
import { type Journal, journal } from '../journal.ts';
import { closing } from '../scripted-api.ts';
import { type StoredApi, storedApi } from '../stored-api.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/system/leases/pratique';
// Long enough for a busy machine, which must not look like a lost Lease.
const times: LeaseTimes = { leaseDurationMs: 2_000, renewDeadlineMs: 1_000, retryPeriodMs: 10 };
const down = new KubernetesError('Unreachable', 'nobody there');

interface DigestRelation {
  readonly stop: () => Promise<void>;
}

/** Stands for the Lease; leads until its signal aborts. */
function stand(
  api: StoredApi,
  identity: string,
  heard: Journal,
  more: Partial<ElectOptions> = {},
  lead: (signal: AbortSignal, lease: Leadership) => Promise<void> = aborted,
): DigestRelation {
  const stop = new AbortController();
  const done = elect(
    {
      api,
      namespace: 'system',
      name: 'pratique',
      identity,
      times,
      observer: {
        led: (is) => heard.note(`${identity} ${is ? 'leads' : 'leads no more'}`),
        held: (by) => heard.note(`${identity} sees ${by || 'nobody'}`),
        failed: (error) =>
          heard.note(`${identity} failed ${error instanceof KubernetesError ? error.code : 'x'}`),
      },
      ...more,
    },
    stop.signal,
    lead,
  );
  const stopped = async (): Promise<void> => {
    stop.abort();
    await done;
  };
  closing(stopped);
  return { stop: stopped };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const spec = (api: StoredApi) => fields(fields(api.object(path))['spec']);

const lease = (holder: string, more: object = {}) => ({
  metadata: { namespace: 'system', name: 'pratique', labels: { kept: 'yes' } },
  spec: {
    holderIdentity: holder,
    leaseDurationSeconds: 1,
    acquireTime: microTime(0),
    renewTime: microTime(0),
    leaseTransitions: 4,
    ...more,
  },
});

describe('a Lease', () => {
  test('that is not there is made, renewed, and given back at the end', async () => {
    const api = storedApi();
    const heard = journal();
    const a = stand(api, 'a', heard);
    await heard.has('a leads');
    const first = spec(api);
    expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 2, leaseTransitions: 0 });
    expect(first['acquireTime']).toMatch(/\.\d{6}Z$/);
    while (spec(api)['renewTime'] === first['renewTime'])
      await new Promise((resolve) => setImmediate(resolve));
    expect(spec(api)['acquireTime']).toBe(first['acquireTime']);
    await a.stop();
    expect(spec(api)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(heard.lines).toEqual(['a sees a', 'a leads', 'a leads no more', 'a sees nobody']);
  });

  test('of somebody else is waited for by our own clock, however old its times look', async () => {
    const api = storedApi();
    api.put(path, lease('other'));
    const heard = journal();
    const begun = performance.now();
    stand(api, 'a', heard);
    await heard.has('a leads');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1000);
    expect(spec(api)).toMatchObject({ holderIdentity: 'a', leaseTransitions: 5 });
    expect(fields(fields(api.object(path))['metadata'])['labels']).toEqual({ kept: 'yes' });
  });

  test('that was given back is taken at once', async () => {
    const api = storedApi();
    api.put(path, lease('', { leaseDurationSeconds: 3600 }));
    const heard = journal();
    stand(api, 'a', heard);
    await heard.has('a leads');
  });

  test('that its holder renews stays with it', async () => {
    const api = storedApi();
    api.put(path, lease('other'));
    const heard = journal();
    const begun = performance.now();
    stand(api, 'a', heard);
    for (let n = 1; performance.now() - begun < 1_500; n++) {
      api.put(path, lease('other', { renewTime: microTime(n) }));
      const seen = api.asked.length;
      while (api.asked.length === seen) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heard.lines).toEqual(['a sees other']);
    await heard.has('a leads');
  });

  test('tells its leader who made it and what those before wrote; its own notes come with renewals', async () => {
    const api = storedApi();
    const notes = { 'pratique.dev/since': 'now' };
    const { promise, resolve } = Promise.withResolvers<Leadership>();
    const old = lease('');
    api.put(path, {
      ...old,
      metadata: { ...old.metadata, annotations: { 'pratique.dev/since': 'long ago' } },
    });
    stand(api, 'a', journal(), { annotations: () => notes }, (signal, found) => {
      resolve(found);
      return aborted(signal);
    });
    expect(await promise).toEqual({
      createdAt: Date.parse('2026-01-02T03:04:05Z'),
      annotations: { 'pratique.dev/since': 'long ago' },
    });
    const annotations = () => fields(fields(api.object(path))['metadata'])['annotations'];
    while (fields(annotations())['pratique.dev/since'] !== 'now')
      await new Promise((done) => setImmediate(done));
  });
});

describe('a leader', () => {
  test('that cannot renew stops before anybody else may lead', async () => {
    const api = storedApi();
    const heard = journal();
    let stoppedAt = 0;
    stand(api, 'a', heard, {}, async (signal) => {
      await aborted(signal);
      stoppedAt = performance.now();
    });
    await heard.has('a leads');
    const cutOff = performance.now();
    api.fail(() => down);
    await heard.has('a leads no more');
    expect(stoppedAt - cutOff).toBeLessThan(times.leaseDurationMs);
    expect(heard.lines).toContain('a failed Unreachable');
    api.fail(null);
    await heard.has('a leads', 2);
  });

  test('whose renewals hang stops all the same', async () => {
    const api = storedApi();
    const heard = journal();
    stand(api, 'a', heard);
    await heard.has('a leads');
    api.fail(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(down), { once: true })),
    );
    await heard.has('a leads no more');
    api.fail(null);
  });

  test('gets over a failure or two, and over somebody who edits the Lease', async () => {
    const api = storedApi();
    const heard = journal();
    stand(api, 'a', heard);
    await heard.has('a leads');
    let failures = 2;
    api.fail(() => (failures-- > 0 ? down : null));
    await heard.has('a failed Unreachable', 2);
    const edited = fields(api.object(path));
    api.put(path, { ...edited, metadata: { ...fields(edited['metadata']), labels: { team: 'x' } } });
    const before = spec(api)['renewTime'];
    while (spec(api)['renewTime'] === before) await new Promise((resolve) => setImmediate(resolve));
    expect(fields(fields(api.object(path))['metadata'])['labels']).toEqual({ team: 'x' });
    expect(heard.lines).not.toContain('a leads no more');
  });

  test('whose Lease somebody took, or removed, stops at the next look', async () => {
    const api = storedApi();
    const heard = journal();
    stand(api, 'a', heard);
    await heard.has('a leads');
    api.put(path, lease('thief', { leaseDurationSeconds: 0.01 }));
    await heard.has('a leads no more');
    await heard.has('a leads', 2);
    api.delete(path);
    await heard.has('a leads no more', 2);
    await heard.has('a leads', 3);
  });

  test('that returns gives the Lease back and stands again; what it throws is told', async () => {
    const api = storedApi();
    const heard = journal();
    stand(api, 'a', heard, {}, () => Promise.reject(new Error('a bug')));
    await heard.has('a leads', 2);
    expect(heard.lines.slice(0, 5)).toEqual([
      'a sees a',
      'a leads',
      'a failed x',
      'a leads no more',
      'a sees nobody',
    ]);
  });

  test('ends what a leader that failed has left behind', async () => {
    const heard = journal();
    stand(storedApi(), 'a', heard, {}, async (signal) => {
      await Promise.all([
        aborted(signal).then(() => heard.note('the rest ends')),
        Promise.reject(new Error('a bug')),
      ]);
    });
    await heard.has('a leads', 2);
    expect(heard.lines).toContain('the rest ends');
  });

  test('goes on renewing while it winds down', async () => {
    const api = storedApi();
    const heard = journal();
    const done = Promise.withResolvers<void>();
    const a = stand(api, 'a', heard, {}, async (signal) => {
      await aborted(signal);
      heard.note('winding down');
      await done.promise;
    });
    const b = stand(api, 'b', heard);
    await heard.has('a leads');
    const stopping = a.stop();
    await heard.has('winding down');
    const before = spec(api)['renewTime'];
    while (spec(api)['renewTime'] === before) await new Promise((resolve) => setImmediate(resolve));
    expect(heard.lines).not.toContain('b leads');
    done.resolve();
    await stopping;
    await heard.has('b leads');
    await b.stop();
  });
});
