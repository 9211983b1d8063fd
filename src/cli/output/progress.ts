/** One line of progress on stderr if it is a terminal. */
import { cut } from '../../util/text/text.ts';
import type { Output } from '../io.ts';

export interface Progress {
  advance(): void;
  /** Erases the line. */
  clear(): void;
}

// Work that ends sooner shows no line, which would only flash.
const delayMs = 400;

/** `detail` goes on after the count. */
export function progress(output: Output, total: number, noun: string, detail: () => string): Progress {
  if (!output.isTerminal) return { advance() {}, clear() {} };
  let done = 0;
  let shown = false;
  const show = () => {
    shown = true;
    const line = `inspecting ${total} ${noun}${total === 1 ? '' : 's'}, ${done} done${detail()}`;
    // A line that wraps could not be erased.
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
