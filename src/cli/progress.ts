/** One line of progress on a terminal's stderr; silent anywhere else. */
import { cut } from '../util/text/text.ts';
import type { Output } from './io.ts';

export interface Progress {
  advance(): void;
  /** Takes the line away. */
  clear(): void;
}

// Quick work needs no progress: a line that flashes by is noise.
const quietMs = 400;

/** `detail` goes on after the count. */
export function progress(output: Output, total: number, noun: string, detail: () => string): Progress {
  if (!output.isTerminal) return { advance() {}, clear() {} };
  let done = 0;
  let shown = false;
  const show = () => {
    shown = true;
    const line = `asking for ${total} ${noun}${total === 1 ? '' : 's'}, ${done} done${detail()}`;
    // A line that wraps could not be taken away again.
    output.write(`\r\u001b[K${cut(line, (output.width ?? 80) - 1)}`);
  };
  const timer = setInterval(show, quietMs);
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
