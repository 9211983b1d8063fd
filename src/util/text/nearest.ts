/** Search for the known word nearest to an unknown one, for "did you mean". */

/** Returns the word of `known` that at most two typing mistakes turn into `word`; null if there is none. */
export function nearest(word: string, known: readonly string[]): string | null {
  const typed = word.slice(0, 64).toLowerCase();
  const most = Math.min(2, Math.floor(typed.length / 2));
  const [best] = known
    .map((each) => ({ each, distance: distance(typed, each.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return best?.each ?? null;
}

/**
 * Returns how many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b` (optimal
 * string alignment).
 */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const at = (line: readonly number[], index: number): number => line[index] ?? Number.POSITIVE_INFINITY;
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1, swap));
    }
    [before, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
