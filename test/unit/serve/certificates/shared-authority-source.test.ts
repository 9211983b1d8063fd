import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatRecord, parseRecord } from '../../../../src/serve/certificates/authority/authority-record.ts';
import { whyUntrusted } from '../../../../src/serve/certificates/chain.ts';
import { issueAuthority } from '../../../../src/serve/certificates/authority/issue.ts';
import { serviceDnsNames } from '../../../../src/serve/certificates/service-dns-names.ts';
import { rotateAuthority } from '../../../../src/serve/certificates/authority/rotation.ts';
import { prepared, promoted } from '../../../../src/serve/certificates/authority/rotation-step.ts';
import { SharedAuthoritySource } from '../../../../src/serve/certificates/shared-authority-source.ts';
import type { Certificate, CertificateError } from '../../../../src/serve/certificates/source.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';

const day = 86_400_000;
const names = serviceDnsNames('pratique', 'pratique-system');
const host = 'pratique.pratique-system.svc';
let store: MemoryStore;
let stop: AbortController;
const clock = { now: 0 };

beforeEach(() => {
  store = memoryStore();
  stop = new AbortController();
  clock.now = Date.now();
});
afterEach(() => stop.abort());

function replica({ startWithinMs = 5_000, refreshEveryMs = 5 } = {}) {
  const loaded: Certificate[] = [];
  const refused: CertificateError[] = [];
  const source = new SharedAuthoritySource({
    names,
    store,
    observer: {
      certificateLoaded: (certificate) => loaded.push(certificate),
      certificateRejected: (error) => refused.push(error),
    },
    now: () => clock.now,
    refreshEveryMs,
    startWithinMs,
  });
  return { source, loaded, refused, start: () => source.start(stop.signal) };
}

/** Waits without a limit of its own; that of the test ends it. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const trusts = (bundle: string | undefined, { cert }: Certificate) =>
  whyUntrusted(cert, bundle ?? '', host, clock.now) === null;

describe('a CA that replicas share', () => {
  test('is issued once when several replicas start at the same time', async () => {
    const replicas = [replica(), replica(), replica()];
    await Promise.all(replicas.map(({ start }) => start()));
    expect(store.writes).toBe(1);
    const [first, ...others] = replicas.map(({ source }) => source.current());
    for (const other of others) {
      expect(trusts(first?.ca, other)).toBe(true);
      expect(other.key).not.toBe(first?.key);
    }
  });

  test('is read repeatedly at start, reported once as missing and used when it appears', async () => {
    store.failure = new Error('connection refused');
    const { source, refused, start } = replica();
    const started = start();
    await until(() => refused.length > 0);
    expect(() => source.current()).toThrow(expect.objectContaining({ code: 'NotStarted' }));
    store.failure = null;
    await started;
    expect(source.current().ca).toContain('CERTIFICATE');
    expect(refused.map(({ code }) => code)).toEqual(['Unreadable']);
  });

  test('that is not read in time fails the start with the reason', async () => {
    store.failure = new Error('connection refused');
    await expect(replica({ startWithinMs: 100 }).start()).rejects.toMatchObject({
      message: expect.stringContaining('connection refused'),
    });
  });

  test.each([
    ['an empty record', () => ({})],
    ['a record without a key', () => ({ ...store.stored?.data, 'tls.key': '' })],
  ])('%s is reported once, the previous pair stays, and the next valid record is used', async (_, spoil) => {
    const { source, refused, start } = replica();
    await start();
    const before = source.current();
    store.stored = { version: 'spoilt', data: spoil() };
    await until(() => refused.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(refused).toHaveLength(1);
    expect(source.current()).toBe(before);
    const authority = await issueAuthority(clock.now);
    store.stored = {
      version: 'good',
      data: formatRecord({ active: authority, next: null, trusted: [authority.cert] }),
    };
    await until(() => trusts(authority.cert, source.current()));
  });

  describe('that is replaced under running replicas', () => {
    const exchanged = async () => {
      const authority = await issueAuthority(clock.now);
      const record = { active: authority, next: null, trusted: [authority.cert] };
      store.stored = { version: 'exchanged', data: formatRecord(record) };
      return authority;
    };
    const rarely = { refreshEveryMs: 1_000_000 };

    test('keeps the previous CA in the bundle for replicas that have not refreshed yet', async () => {
      const [late, leader] = [replica(rarely), replica()];
      await Promise.all([late.start(), leader.start()]);
      const { cert } = await exchanged();
      await until(() => trusts(cert, leader.source.current()));
      const newcomer = replica(rarely);
      await newcomer.start();
      for (const { ca } of [leader.source.current(), newcomer.source.current()]) {
        expect(trusts(ca, late.source.current())).toBe(true);
      }
    });

    test('signs with the previous CA until the leader has registered the new one', async () => {
      const [leader, early] = [replica(rarely), replica({ refreshEveryMs: 300 })];
      await Promise.all([leader.start(), early.start()]);
      const { cert } = await exchanged();
      await until(() => early.loaded.length > 1);
      expect(trusts(leader.source.current().ca, early.source.current())).toBe(true);
      await until(() => trusts(cert, early.source.current()));
    });
  });

  test('is stored again unchanged after it was deleted under a running replica', async () => {
    const { source, start } = replica();
    await start();
    const data = store.stored?.data;
    store.stored = null;
    await until(() => store.stored !== null);
    expect(store.stored).toMatchObject({ data });
    expect(source.current().ca).toBe(data?.['ca.crt']);
  });

  test('is replaced by the first replica if it expired while none was running', async () => {
    const long = await issueAuthority(clock.now - 400 * day, 365 * day);
    store.stored = { version: '0', data: formatRecord({ active: long, next: null, trusted: [long.cert] }) };
    const [one, other] = [replica(), replica()];
    await Promise.all([one.start(), other.start()]);
    expect(store.writes).toBe(1);
    expect(trusts(one.source.current().ca, other.source.current())).toBe(true);
    expect(one.source.current().ca).not.toContain(long.cert.trimEnd());
  });

  test('is promoted from next if the active one expired', async () => {
    const long = await issueAuthority(clock.now - 400 * day, 365 * day);
    const next = await issueAuthority(clock.now - 100 * day, 365 * day);
    const record = prepared({ active: long, next: null, trusted: [long.cert] }, next);
    store.stored = { version: '0', data: formatRecord(record) };
    const { source, start } = replica();
    await start();
    expect(trusts(next.cert, source.current())).toBe(true);
  });

  test('signs a renewed certificate before the previous one expires', async () => {
    const { source, loaded, start } = replica();
    await start();
    const first = source.current();
    clock.now += 61 * day;
    await until(() => loaded.length > 1);
    expect(source.current().ca).toBe(first.ca);
    expect(source.current().notAfter.getTime()).toBeGreaterThan(first.notAfter.getTime());
  });

  test('changes the bundle for clients, and not the certificate, when the bundle grows', async () => {
    const { source, loaded, start } = replica();
    await start();
    const first = source.current();
    const record = prepared(parseRecord(store.stored?.data ?? {}), await issueAuthority(clock.now));
    store.stored = { version: 'grown', data: formatRecord(record) };
    await until(() => loaded.length > 1);
    expect(source.current()).toEqual({ ...first, ca: record.trusted.join('') });
    store.stored = { version: 'promoted', data: formatRecord(promoted(record)) };
    await until(() => loaded.length > 2);
    expect(source.current().cert).not.toBe(first.cert);
  });
});

describe('rotation of the shared CA by the leader', () => {
  test('performs all steps while every replica stays trusted by the registered bundle', async () => {
    const replicas = [replica(), replica()];
    await Promise.all(replicas.map(({ start }) => start()));
    const sources = replicas.map(({ source }) => source);
    const [leader] = sources;
    /** Like the configurations in the cluster: filled by the leader from its own certificate, a while later. */
    let registered = '';
    const steps: string[] = [];
    const rotation = rotateAuthority(
      {
        store,
        isTrusted: (bundle) => Promise.resolve(bundle === registered),
        observer: {
          authorityRotated: (step) => steps.push(step),
          rotationFailed: (error) => steps.push(error.message),
        },
        now: () => clock.now,
        checkEveryMs: 5,
        settleMs: 1_000,
      },
      stop.signal,
    );
    const check = () => {
      for (const source of sources) expect(trusts(registered, source.current())).toBe(true);
    };
    registered = leader?.current().ca ?? '';
    const first = registered;
    check();
    clock.now += 250 * day;
    await until(() => leader?.current().ca !== first);
    expect(steps).toEqual(['prepare']);
    check();
    registered = leader?.current().ca ?? '';
    // Two looks: one that sees it registered, one after it has settled.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(steps).toEqual(['prepare']);
    clock.now += 1_001;
    await until(() => sources.every((source) => !trusts(first, source.current())));
    expect(steps).toEqual(['prepare', 'promote']);
    check();
    clock.now += 120 * day;
    await until(() => steps.includes('forget'));
    await until(() => leader?.current().ca !== registered);
    registered = leader?.current().ca ?? '';
    await until(() => sources.every((source) => trusts(registered, source.current())));
    expect(registered).not.toContain(first);
    stop.abort();
    await rotation;
    expect(steps).toEqual(['prepare', 'promote', 'forget']);
  });

  test('is consistent with two concurrent leaders', async () => {
    const { start } = replica();
    await start();
    clock.now += 250 * day;
    const steps: string[] = [];
    const lead = () =>
      rotateAuthority(
        {
          store,
          isTrusted: () => Promise.resolve(false),
          observer: { authorityRotated: (step) => steps.push(step), rotationFailed() {} },
          now: () => clock.now,
          checkEveryMs: 5,
        },
        stop.signal,
      );
    const [one, other] = [lead(), lead()];
    await until(() => steps.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    stop.abort();
    await Promise.all([one, other]);
    expect(steps).toEqual(['prepare']);
    expect(store.writes).toBe(2);
  });

  test('reports a failing store once and retries', async () => {
    const told: CertificateError[] = [];
    store.failure = new Error('connection refused');
    const rotation = rotateAuthority(
      {
        store,
        isTrusted: () => Promise.resolve(false),
        observer: { authorityRotated() {}, rotationFailed: (error) => told.push(error) },
        checkEveryMs: 2,
      },
      stop.signal,
    );
    await until(() => told.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await rotation;
    expect(told.map(({ code }) => code)).toEqual(['Unreadable']);
  });
});
