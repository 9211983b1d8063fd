import { describe, expect, test } from '@jest/globals';
import { Semaphore } from '../../../../src/util/async/semaphore.ts';

const patient = new AbortController().signal;

describe('slots', () => {
  test('are handed out in order of arrival', async () => {
    const slots = new Semaphore(1);
    await slots.acquire(patient);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (each) => {
      await slots.acquire(patient);
      order.push(each);
      slots.release();
    });
    expect(order).toEqual([]);
    slots.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(await slots.acquire(patient)).toBe(true);
  });

  test('a caller that gives up gets no slot and takes none away', async () => {
    const slots = new Semaphore(1);
    await slots.acquire(patient);
    const hurry = new AbortController();
    const given = [slots.acquire(hurry.signal), slots.acquire(patient)];
    hurry.abort();
    slots.release();
    expect(await Promise.all(given)).toEqual([false, true]);
    expect(await slots.acquire(hurry.signal)).toBe(false);
  });
});
