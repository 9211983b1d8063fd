import { describe, expect, test } from '@jest/globals';
import { fields } from '../../../../../src/util/unstructured.ts';
import { KubernetesError } from '../../../../../src/watch/kubernetes/api.ts';
import {
  type LeaderElectionOptions,
  type LeaseDetails,
  type LeaderElectionTimes,
} from '../../../../../src/watch/kubernetes/leader-election/options.ts';
import { runLeaderElection } from '../../../../../src/watch/kubernetes/leader-election/leader-election.ts';
import { microTime } from '../../../../../src/watch/kubernetes/leader-election/lease-record.ts';
import { type Journal, journal } from '../journal.ts';
import { closing } from '../scripted-api.ts';
import { type StoredApi, storedApi } from '../stored-api.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/system/leases/pratique';
// Long enough for a busy machine, which must not look like a lost Lease.
const times: LeaderElectionTimes = {
  leaseDurationMs: 2_000,
  renewDeadlineMs: 1_000,
  renewPeriodMs: 10,
  retryPeriodMs: 10,
};
const down = new KubernetesError('Unreachable', 'connection refused');

/** Competes for the Lease; leads until its signal aborts. */
function compete(
  api: StoredApi,
  identity: string,
  events: Journal,
  more: Partial<LeaderElectionOptions> = {},
  lead: (signal: AbortSignal, lease: LeaseDetails) => Promise<void> = aborted,
): { readonly stop: () => Promise<void> } {
  const stop = new AbortController();
  const done = runLeaderElection(
    {
      api,
      namespace: 'system',
      name: 'pratique',
      identity,
      times,
      observer: {
        leadingChanged: (is) => events.note(`${identity} ${is ? 'leads' : 'stops leading'}`),
        leaderChanged: (by) => events.note(`${identity} sees ${by || 'nobody'}`),
        failed: (error) =>
          events.note(`${identity} failed ${error instanceof KubernetesError ? error.code : 'x'}`),
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
  test('that does not exist is created, renewed, and released at the end', async () => {
    const api = storedApi();
    const events = journal();
    const a = compete(api, 'a', events);
    await events.has('a leads');
    const first = spec(api);
    expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 2, leaseTransitions: 0 });
    expect(first['acquireTime']).toMatch(/\.\d{6}Z$/);
    while (spec(api)['renewTime'] === first['renewTime'])
      await new Promise((resolve) => setImmediate(resolve));
    expect(spec(api)['acquireTime']).toBe(first['acquireTime']);
    await a.stop();
    expect(spec(api)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(events.lines).toEqual(['a sees a', 'a leads', 'a stops leading', 'a sees nobody']);
  });

  test('of another replica is waited for by the local clock, however old its times look', async () => {
    const api = storedApi();
    api.put(path, lease('other'));
    const events = journal();
    const begun = performance.now();
    compete(api, 'a', events);
    await events.has('a leads');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1000);
    expect(spec(api)).toMatchObject({ holderIdentity: 'a', leaseTransitions: 5 });
    expect(fields(fields(api.object(path))['metadata'])['labels']).toEqual({ kept: 'yes' });
  });

  test('that was released is acquired at once', async () => {
    const api = storedApi();
    api.put(path, lease('', { leaseDurationSeconds: 3600 }));
    const events = journal();
    compete(api, 'a', events);
    await events.has('a leads');
  });

  test('that its holder renews is not acquired, and costs no request', async () => {
    const api = storedApi();
    api.put(path, lease('other'));
    const events = journal();
    const startedAt = performance.now();
    compete(api, 'a', events);
    await events.has('a sees other');
    for (let n = 1; performance.now() - startedAt < 1_500; n++) {
      api.put(path, lease('other', { renewTime: microTime(n) }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(events.lines).toEqual(['a sees other']);
    expect(api.asked.length).toBeLessThanOrEqual(5);
    await events.has('a leads');
  });

  test('that its holder releases or an administrator deletes is acquired at once', async () => {
    for (const free of ['release', 'delete'] as const) {
      const api = storedApi();
      api.put(path, lease('other', { leaseDurationSeconds: 3_600 }));
      const events = journal();
      compete(api, 'a', events);
      await events.has('a sees other');
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (free === 'delete') api.delete(path);
      else api.put(path, lease('', { leaseDurationSeconds: 3_600 }));
      await events.has('a leads');
    }
  });

  test('of a replica that does not exist any more is acquired at once', async () => {
    const api = storedApi();
    api.put(path, lease('gone', { leaseDurationSeconds: 3_600 }));
    const events = journal();
    compete(api, 'a', events, { isHolderGone: (identity) => identity === 'gone' });
    await events.has('a leads');
  });

  test('that its holder renews is not acquired although its pod seems to be gone', async () => {
    const api = storedApi();
    api.put(path, lease('other'));
    const events = journal();
    let isGone = false;
    compete(api, 'a', events, { isHolderGone: () => isGone });
    await events.has('a sees other');
    await new Promise((resolve) => setTimeout(resolve, 50));
    api.put(path, lease('other', { renewTime: microTime(1) }));
    isGone = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events.lines).toEqual(['a sees other']);
  });

  test('is polled while it cannot be watched', async () => {
    const api = storedApi();
    api.put(path, lease('other'));
    const events = journal();
    const isWatch = ({ query }: { readonly query?: object }): boolean => query !== undefined;
    api.fail((request) => (isWatch(request) ? new KubernetesError('Forbidden', 'may not watch') : null));
    compete(api, 'a', events);
    while (api.asked.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    api.put(path, lease(''));
    await events.has('a leads');
  });

  test('passes its creation time and annotations to the leader, and takes new annotations with renewals', async () => {
    const api = storedApi();
    const notes = { 'pratique.dev/since': 'now' };
    const { promise, resolve } = Promise.withResolvers<LeaseDetails>();
    const old = lease('');
    api.put(path, {
      ...old,
      metadata: { ...old.metadata, annotations: { 'pratique.dev/since': 'long ago' } },
    });
    compete(api, 'a', journal(), { annotations: () => notes }, (signal, found) => {
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

describe('the leader', () => {
  test('stops before another replica may lead when it cannot renew', async () => {
    const api = storedApi();
    const events = journal();
    let stoppedAt = 0;
    compete(api, 'a', events, {}, async (signal) => {
      await aborted(signal);
      stoppedAt = performance.now();
    });
    await events.has('a leads');
    const cutOff = performance.now();
    api.fail(() => down);
    await events.has('a stops leading');
    expect(stoppedAt - cutOff).toBeLessThan(times.leaseDurationMs);
    expect(events.lines).toContain('a failed Unreachable');
    api.fail(null);
    await events.has('a leads', 2);
  });

  test('stops when its renewals hang', async () => {
    const api = storedApi();
    const events = journal();
    compete(api, 'a', events);
    await events.has('a leads');
    api.fail(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(down), { once: true })),
    );
    await events.has('a stops leading');
    api.fail(null);
  });

  test('survives two failed renewals and an edit of the Lease by another client', async () => {
    const api = storedApi();
    const events = journal();
    compete(api, 'a', events);
    await events.has('a leads');
    let failures = 2;
    api.fail(() => (failures-- > 0 ? down : null));
    await events.has('a failed Unreachable', 2);
    const edited = fields(api.object(path));
    api.put(path, { ...edited, metadata: { ...fields(edited['metadata']), labels: { team: 'x' } } });
    const before = spec(api)['renewTime'];
    while (spec(api)['renewTime'] === before) await new Promise((resolve) => setImmediate(resolve));
    expect(fields(fields(api.object(path))['metadata'])['labels']).toEqual({ team: 'x' });
    expect(events.lines).not.toContain('a stops leading');
  });

  test('stops at the next renewal when the Lease was taken or deleted', async () => {
    const api = storedApi();
    const events = journal();
    compete(api, 'a', events);
    await events.has('a leads');
    api.put(path, lease('thief', { leaseDurationSeconds: 0.01 }));
    await events.has('a stops leading');
    await events.has('a leads', 2);
    api.delete(path);
    await events.has('a stops leading', 2);
    await events.has('a leads', 3);
  });

  test('releases the Lease when it returns or throws, and competes again', async () => {
    const api = storedApi();
    const events = journal();
    compete(api, 'a', events, {}, () => Promise.reject(new Error('a bug')));
    await events.has('a leads', 2);
    expect(events.lines.slice(0, 5)).toEqual([
      'a sees a',
      'a leads',
      'a failed x',
      'a stops leading',
      'a sees nobody',
    ]);
  });

  test('aborts tasks that a failed leader left running', async () => {
    const events = journal();
    compete(storedApi(), 'a', events, {}, async (signal) => {
      await Promise.all([
        aborted(signal).then(() => events.note('the rest ends')),
        Promise.reject(new Error('a bug')),
      ]);
    });
    await events.has('a leads', 2);
    expect(events.lines).toContain('the rest ends');
  });

  test('renews the Lease while it winds down', async () => {
    const api = storedApi();
    const events = journal();
    const done = Promise.withResolvers<void>();
    const a = compete(api, 'a', events, {}, async (signal) => {
      await aborted(signal);
      events.note('winding down');
      await done.promise;
    });
    const b = compete(api, 'b', events);
    await events.has('a leads');
    const stopping = a.stop();
    await events.has('winding down');
    const before = spec(api)['renewTime'];
    while (spec(api)['renewTime'] === before) await new Promise((resolve) => setImmediate(resolve));
    expect(events.lines).not.toContain('b leads');
    done.resolve();
    await stopping;
    await events.has('b leads');
    await b.stop();
  });
});
