/** Reads the bodies of requests up to a limit each, and a budget for all at once. Not for parsing them. */
import type { IncomingMessage } from 'node:http';

/**
 * `too-large`: more than the limit; `too-much`: others take all of the budget; of both the rest is read and thrown
 * away, so that the client gets its answer. `aborted`: nobody listens any more.
 */
export type RequestBody = Buffer | 'too-large' | 'too-much' | 'aborted';

export interface BodyLimits {
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of all bodies not yet complete: many slow clients must not fill the memory. */
  readonly budget: number;
}

export class BodyReader {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Calls `done` once. A callback and no promise: this is the hot path of admission, and most bodies are one chunk. */
  read(request: IncomingMessage, done: (body: RequestBody) => void): void {
    const chunks: Buffer[] = [];
    let size = 0;
    let finished = false;
    const finish = (body: RequestBody) => {
      if (finished) return;
      finished = true;
      this.#held -= size;
      chunks.length = 0;
      done(body);
    };
    // An honest length saves the reading; the bytes are counted all the same.
    if (Number(request.headers['content-length']) > this.#limits.body) finish('too-large');
    request.on('data', (chunk: Buffer) => {
      if (finished) return;
      chunks.push(chunk);
      size += chunk.length;
      this.#held += chunk.length;
      if (size > this.#limits.body) finish('too-large');
      else if (this.#held > this.#limits.budget) finish('too-much');
    });
    request.on('end', () => {
      if (!finished) finish(join(chunks));
    });
    request.on('close', () => finish('aborted'));
    // 'close' follows; without a listener the error would end the process.
    request.on('error', () => undefined);
  }
}

function join(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
