/** Line of progress on stderr, which is shown only on a terminal. */
import { cut } from '../../util/text/text.ts';
import type { Output } from '../io.ts';

export interface Progress {
  advance(): void;
  /** Erases the line. */
  clear(): void;
}

// Delay before the line appears: for shorter work it would only flash.
const delayMs = 400;

/** Starts the line of progress. `detail` returns the text after the count. */
export function progress(output: Output, total: number, noun: string, detail: () => string): Progress {
  if (!output.isTerminal) return { advance() {}, clear() {} };
  let done = 0;
  let shown = false;
  const show = () => {
    shown = true;
    const line = `inspecting ${total} ${noun}${total === 1 ? '' : 's'}, ${done} done${detail()}`;
    // The line is cut to the width of the terminal, because a line that wraps could not be erased.
    output.write(`\r\u001b[K${cut(line, (output.width ?? 80) - 1)}`);
  };
  const timer = setInterval(show, delayMs);
  return {
    advance() {
      done++;
      if (shown) show();
    },
    clear() {
      clearInterval(timer);
      if (shown) output.write('\r\u001b[K');
    },
  };
}
