/** Runs work on items, a few at a time, with results in order and progress on stderr. */
import type { Output } from '../io.ts';
import { progress } from './progress.ts';

// Enough to be quick, few enough not to be rate limited by a registry.
const concurrency = 8;

/** `noun` names an item in the progress line, which `detail` continues. Rejects with the first rejection. */
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
