import { describe, expect, test } from '@jest/globals';
import { Flights, type Work } from '../../../../src/util/async/single-flight.ts';

interface Piece extends Work<string> {
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
    const flights = new Flights<Piece>(1);
    const { work, shared } = flights.join('a', piece);
    expect(shared).toBe(false);
    expect(flights.join('a', piece)).toEqual({ work, shared: true });
    expect(flights.join('b', piece).work).not.toBe(work);
    await work.land();
    expect(flights.join('a', piece).shared).toBe(false);
  });

  test('one caller that leaves does not disturb the others, and the last one does not end it', () => {
    const flights = new Flights<Piece>(1);
    const { work } = flights.join('a', piece);
    flights.join('a', piece);
    flights.leave('a', work);
    flights.leave('a', work);
    expect(work.cancelled).toBe(false);
    expect(flights.join('a', piece)).toEqual({ work, shared: true });
  });

  test('beyond the bound the abandoned are cancelled, and their key is free', () => {
    const flights = new Flights<Piece>(1);
    const [first, second] = ['a', 'b'].map((key) => flights.join(key, piece).work);
    flights.leave('a', first as Piece);
    flights.leave('b', second as Piece);
    expect([first?.cancelled, second?.cancelled]).toEqual([false, true]);
    expect(flights.join('b', piece).shared).toBe(false);
  });

  test('one that is joined again, or has landed, makes room', async () => {
    const flights = new Flights<Piece>(1);
    const abandon = (key: string): Piece => {
      const { work } = flights.join(key, piece);
      flights.leave(key, work);
      return work;
    };
    const first = abandon('a');
    await first.land();
    const second = abandon('b');
    flights.join('b', piece);
    const third = abandon('c');
    expect([second.cancelled, third.cancelled]).toEqual([false, false]);
    expect(abandon('d').cancelled).toBe(true);
  });

  test('work that fails leaves no unhandled rejection behind and frees its key', async () => {
    const flights = new Flights<Work<string>>(1);
    const { work } = flights.join('a', () => ({ done: Promise.reject(new Error('bug')), cancel() {} }));
    await expect(work.done).rejects.toThrow('bug');
    expect(flights.join('a', piece).shared).toBe(false);
  });
});
