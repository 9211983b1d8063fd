import { describe, expect, test } from '@jest/globals';
import { SingleFlight, type SharedWork } from '../../../../src/util/async/single-flight.ts';

interface Piece extends SharedWork<string> {
  land(): Promise<void>;
  readonly cancelled: boolean;
}

function piece(): Piece {
  const { promise, resolve } = Promise.withResolvers<string>();
  let cancelled = false;
  return {
    done: promise,
    cancel: () => {
      cancelled = true;
      resolve('cancelled');
    },
    land: async () => {
      resolve('landed');
      await promise;
    },
    get cancelled() {
      return cancelled;
    },
  };
}

describe('flights', () => {
  test('one per key, until it lands', async () => {
    const flights = new SingleFlight<Piece>(1);
    const { work, shared } = flights.acquire('a', piece);
    expect(shared).toBe(false);
    expect(flights.acquire('a', piece)).toEqual({ work, shared: true });
    expect(flights.acquire('b', piece).work).not.toBe(work);
    await work.land();
    expect(flights.acquire('a', piece).shared).toBe(false);
  });

  test('one caller that leaves does not disturb the others, and the last one does not end it', () => {
    const flights = new SingleFlight<Piece>(1);
    const { work } = flights.acquire('a', piece);
    flights.acquire('a', piece);
    flights.release('a', work);
    flights.release('a', work);
    expect(work.cancelled).toBe(false);
    expect(flights.acquire('a', piece)).toEqual({ work, shared: true });
  });

  test('beyond the bound the abandoned are cancelled, and their key is free', () => {
    const flights = new SingleFlight<Piece>(1);
    const [first, second] = ['a', 'b'].map((key) => flights.acquire(key, piece).work);
    flights.release('a', first as Piece);
    flights.release('b', second as Piece);
    expect([first?.cancelled, second?.cancelled]).toEqual([false, true]);
    expect(flights.acquire('b', piece).shared).toBe(false);
  });

  test('one that is joined again, or has landed, makes room', async () => {
    const flights = new SingleFlight<Piece>(1);
    const abandon = (key: string): Piece => {
      const { work } = flights.acquire(key, piece);
      flights.release(key, work);
      return work;
    };
    const first = abandon('a');
    await first.land();
    const second = abandon('b');
    flights.acquire('b', piece);
    const third = abandon('c');
    expect([second.cancelled, third.cancelled]).toEqual([false, false]);
    expect(abandon('d').cancelled).toBe(true);
  });

  test('work that fails leaves no unhandled rejection behind and frees its key', async () => {
    const flights = new SingleFlight<SharedWork<string>>(1);
    const { work } = flights.acquire('a', () => ({ done: Promise.reject(new Error('bug')), cancel() {} }));
    await expect(work.done).rejects.toThrow('bug');
    expect(flights.acquire('a', piece).shared).toBe(false);
  });
});
