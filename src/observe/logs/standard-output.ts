/**
 * Standard output for log lines. It never blocks the event loop or the end of the process, and its memory is
 * bounded.
 */
import { constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { destination } from 'pino';
import type { LineSink } from './logger.ts';

export interface StandardOutput extends LineSink {
  /**
   * Resolves when every line is written, or after a second if the reader has stalled. Lines written later are
   * dropped.
   */
  end(): Promise<void>;
}

/**
 * Limit of waiting lines, in bytes. Lines beyond it are dropped, because a reader that stalls must not
 * exhaust the memory of the webhook.
 */
const maxWaitingBytes = 8 * 1024 * 1024;

/** Lines are collected until they have this many characters or this much time has passed. */
const collectChars = 32 * 1024;
const collectMs = 50;

/**
 * Writes collected lines asynchronously. Each write costs a trip to another thread, which on a busy server is
 * more than the rest of a request. Lines are collected here because sonic-boom, below pino, measures all its
 * collected text again for each line. Synchronous writes would hang with a stalled reader.
 * @param dropped called with the number of lines that were dropped
 */
export function standardOutput(dropped: (lines: number) => void = () => undefined): StandardOutput {
  const out = destination({ fd: openWithoutBlocking(), sync: false, maxLength: maxWaitingBytes });
  // A full disk behind stdout must not reject pods. The lines that failed are written with the next lines, or
  // dropped.
  out.on('error', () => undefined);
  out.on('drop', (text: string) => dropped(countLines(text)));
  let lines: string[] = [];
  let chars = 0;
  let isEnded = false;
  const flush = () => {
    if (lines.length > 0) out.write(lines.join(''));
    lines = [];
    chars = 0;
  };
  const interval = setInterval(flush, collectMs).unref();
  return {
    write(line) {
      if (isEnded) return;
      lines.push(line);
      chars += line.length;
      if (chars >= collectChars) flush();
    },
    end() {
      if (isEnded) return Promise.resolve();
      isEnded = true;
      clearInterval(interval);
      const { promise, resolve } = Promise.withResolvers<void>();
      const late = setTimeout(() => {
        // pino writes the remaining lines when the process exits, and would wait for the reader without end.
        out.destroy();
        resolve();
      }, 1_000);
      out.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      flush();
      out.end();
      return promise;
    },
  };
}

/**
 * A descriptor of standard output on which a write fails instead of waiting. A write that waits for a reader
 * occupies a thread of libuv, which Node joins before it exits: the process would never end. The descriptor
 * is opened again, because the flag of descriptor 1 is shared with other processes. A socket cannot be opened
 * again; Node makes it non-blocking when it takes it as a stream.
 */
function openWithoutBlocking(): number {
  try {
    const { O_WRONLY, O_APPEND, O_NONBLOCK } = constants;
    return openSync('/proc/self/fd/1', O_WRONLY | O_APPEND | O_NONBLOCK);
  } catch {
    if (fstatSync(1).isSocket()) new Socket({ fd: 1, readable: false, writable: true }).unref();
    return 1;
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
