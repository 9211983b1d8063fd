/** The command line's loop: some pieces of work at a time, results in order, progress on stderr. */
import type { Output } from './io.ts';
import { progress } from './progress.ts';

// Enough to be quick, little enough for a registry's patience.
const atOnce = 8;

/** `work` on every item; `noun` names one for the line of progress, where `detail` goes on. Rejects with the first rejection. */
export async function inOrder<Item, Result>(
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
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    line.clear();
  }
  return results;
}
