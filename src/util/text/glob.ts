/** Globs on names with slashes: `*` stops at `/`, `**` does not, every other character is literal. */

/**
 * Returns true if `pattern` matches the whole of `text`. The function keeps one backtracking point for each
 * kind of star, which bounds the work to quadratic: a later star makes backtracking to an earlier one of its
 * kind pointless.
 * @example matchesGlob('docker.io/library/*', 'docker.io/library/nginx')
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star: Retry | null = null;
  let globstar: Retry | null = null;
  for (;;) {
    if (pattern[next] === '*') {
      const double = pattern[next + 1] === '*';
      next += double ? 2 : 1;
      if (double) [globstar, star] = [{ next, at }, null];
      else star = { next, at };
      continue;
    }
    if (at === text.length && next === pattern.length) return true;
    if (at < text.length && pattern[next] === text[at]) {
      at++;
      next++;
      continue;
    }
    const retry: Retry | null = star && star.at < text.length && text[star.at] !== '/' ? star : globstar;
    if (retry === null || retry.at >= text.length) return false;
    if (retry === globstar) star = null;
    retry.at++;
    ({ at, next } = retry);
  }
}

/** Backtracking point: the star before `next` matches everything before `at`. */
interface Retry {
  readonly next: number;
  at: number;
}
