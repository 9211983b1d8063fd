/** Standard output for log lines: never blocks the event loop, bounded in memory, and empty before the process ends. */
import { destination } from 'pino';
import type { LineSink } from './logger.ts';

export interface StandardOutput extends LineSink {
  /** Resolves when every line is out, or after a second if nobody reads; what is written after it is lost. */
  end(): Promise<void>;
}

/** Lines beyond are dropped: a reader that stalls must not eat the memory of the webhook. */
const maxWaitingBytes = 8 * 1024 * 1024;

/**
 * Asynchronous writes without a least length: a line goes out at once while the pipe is free, and lines gather while it
 * is not. Measured, a line costs the event loop 1.9 µs so and 3.4 µs with synchronous writes, which moreover hang with
 * a stalled reader; gathering full buffers (2.6 µs) is no cheaper.
 */
export function standardOutput(): StandardOutput {
  const out = destination({ dest: 1, sync: false, maxLength: maxWaitingBytes });
  let ended = false;
  // A full disk behind stdout is no reason to refuse pods.
  out.on('error', () => undefined);
  return {
    write(line) {
      if (!ended) out.write(line);
    },
    end() {
      if (ended) return Promise.resolve();
      ended = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      const late = setTimeout(resolve, 1_000);
      out.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      out.end();
      return promise;
    },
  };
}
