/** Standard output for log lines: never blocks the event loop, bounded in memory, and empty before the process ends. */
import { destination } from 'pino';
import type { LineSink } from './logger.ts';

export interface StandardOutput extends LineSink {
  /** Resolves when every line is out, or after a second if nobody reads; what is written after it is lost. */
  end(): Promise<void>;
}

/** Lines beyond are dropped: a reader that stalls must not eat the memory of the webhook. */
const maxWaitingBytes = 8 * 1024 * 1024;

/** Lines gather until there are this many characters or this much time has gone by. */
const gatherChars = 32 * 1024;
const gatherMs = 50;

/**
 * Asynchronous writes of gathered lines: each write costs a trip to another thread and back, which on a busy server is
 * more than all the rest of a request. They gather here: sonic-boom, below pino, would measure all that it has gathered
 * anew for each line. Synchronous writes would hang with a stalled reader.
 */
export function standardOutput(): StandardOutput {
  const out = destination({ dest: 1, sync: false, maxLength: maxWaitingBytes });
  // A full disk behind stdout is no reason to refuse pods.
  out.on('error', () => undefined);
  let lines: string[] = [];
  let chars = 0;
  let ended = false;
  const hand = () => {
    if (lines.length > 0) out.write(lines.join(''));
    lines = [];
    chars = 0;
  };
  const gathering = setInterval(hand, gatherMs).unref();
  return {
    write(line) {
      if (ended) return;
      lines.push(line);
      chars += line.length;
      if (chars >= gatherChars) hand();
    },
    end() {
      if (ended) return Promise.resolve();
      ended = true;
      clearInterval(gathering);
      const { promise, resolve } = Promise.withResolvers<void>();
      const late = setTimeout(resolve, 1_000);
      out.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      hand();
      out.end();
      return promise;
    },
  };
}
