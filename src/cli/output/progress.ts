/** One line of progress on stderr if it is a terminal. */
import type { Output } from '../io.ts';

export interface Progress {
  advance(): void;
  /** Erases the line. */
  clear(): void;
}

// Work that ends sooner shows no line, which would only flash.
const delayMs = 400;

export function progress(output: Output, total: number, noun: string): Progress {
  if (!output.isTerminal) return { advance() {}, clear() {} };
  let done = 0;
  let shown = false;
  const show = () => {
    shown = true;
    output.write(`\r\u001b[Kinspecting ${total} ${noun}${total === 1 ? '' : 's'}, ${done} done`);
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
