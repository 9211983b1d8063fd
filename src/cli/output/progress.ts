/** One line of progress on a terminal's stderr; silent anywhere else. */
import type { Output } from '../io.ts';

export interface Progress {
  advance(): void;
  /** Takes the line away. */
  clear(): void;
}

// Quick work needs no progress: a line that flashes by is noise.
const quietMs = 400;

export function progress(output: Output, total: number, noun: string): Progress {
  if (!output.isTerminal) return { advance() {}, clear() {} };
  let done = 0;
  let shown = false;
  const show = () => {
    shown = true;
    output.write(`\r\u001b[Kasking for ${total} ${noun}${total === 1 ? '' : 's'}, ${done} done`);
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
