import { describe, expect, test } from '@jest/globals';
import { SelfSignedSource } from '../../../../src/serve/certificates/self-signed-source.ts';
import type { Certificate } from '../../../../src/serve/certificates/source.ts';

const day = 86_400_000;

/** A source whose clock the test moves. */
function source() {
  const loaded: Certificate[] = [];
  const clock = { now: Date.now() };
  const stop = new AbortController();
  const made = new SelfSignedSource({
    names: ['localhost'],
    observer: { certificateLoaded: (certificate) => loaded.push(certificate), certificateRejected() {} },
    now: () => clock.now,
    checkEveryMs: 5,
  });
  return { made, loaded, clock, stop };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('SelfSignedSource', () => {
  test('has no certificate before start', () => {
    expect(() => source().made.current()).toThrow(expect.objectContaining({ code: 'NotStarted' }));
  });

  test('renews the certificate with the same CA when a third of its lifetime is left', async () => {
    const { made, loaded, clock, stop } = source();
    const changes: Certificate[] = [];
    made.onChange((certificate) => changes.push(certificate));
    await made.start(stop.signal);
    const first = made.current();
    clock.now += 59 * day;
    await sleep(50);
    expect(made.current()).toBe(first);
    clock.now += 2 * day;
    while (made.current() === first) await sleep(5);
    const second = made.current();
    expect(second.cert).not.toBe(first.cert);
    expect(second.ca).toBe(first.ca);
    expect(second.notAfter.getTime()).toBeGreaterThan(first.notAfter.getTime());
    expect(loaded).toEqual([first, second]);
    expect(changes.at(-1)).toBe(second);
    stop.abort();
  });

  test('does not renew after its signal aborted', async () => {
    const { made, clock, stop, loaded } = source();
    await made.start(stop.signal);
    stop.abort();
    clock.now += 80 * day;
    await sleep(50);
    expect(loaded).toHaveLength(1);
  });
});
