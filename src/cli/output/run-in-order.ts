/**
 * Runner of work on items: it works on a few at a time, returns results in order and shows progress on
 * stderr.
 */
import type { Output } from '../io.ts';
import { progress } from './progress.ts';

// Number of items at a time: enough to be quick, and few enough that a registry does not limit the rate.
const concurrency = 8;

/**
 * Runs `work` on each item. `noun` names an item in the progress line, and `detail` returns the text after
 * it. Rejects with the first rejection.
 */
export async function runInOrder<Item, Result>(
  items: readonly Item[],
  noun: string,
  stderr: Output,
  work: (item: Item) => Promise<Result>,
  detail: () => string = () => '',
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const line = progress(stderr, items.length, noun, detail);
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      results[index] = await work(item);
      line.advance();
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    line.clear();
  }
  return results;
}
