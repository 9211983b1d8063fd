/** Reads a request's body up to a limit. Not for parsing it. */
import type { IncomingMessage } from 'node:http';

/** `too-large`: the rest is read and thrown away, so that the client gets its answer; `aborted`: nobody listens any more. */
export type Body = Buffer | 'too-large' | 'aborted';

/** Calls `done` once. A callback and no promise: this is the hot path of admission, and most bodies are one chunk. */
export function readBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (body: Body) => {
    if (finished) return;
    finished = true;
    chunks.length = 0;
    done(body);
  };
  // An honest length saves the reading; the bytes are counted all the same.
  if (Number(request.headers['content-length']) > limit) finish('too-large');
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) finish('too-large');
    else if (!finished) chunks.push(chunk);
  });
  request.on('end', () => finish(join(chunks)));
  request.on('close', () => finish('aborted'));
  // 'close' follows; without a listener the error would end the process.
  request.on('error', () => undefined);
}

function join(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
