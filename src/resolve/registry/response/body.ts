/** Readers of bodies up to a limit. A body that is not read to its end is destroyed together with its connection. */
import { setImmediate } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { clean } from '../../../util/text/text.ts';
import { undoEncodings } from './encoding.ts';
import { RegistryError } from '../error.ts';
import { transportFailure } from '../failures.ts';
import { contentLength, header, type Reply } from './reply.ts';

// 16 KiB: error documents of registries are short.
const snippetLimit = 16 * 1024;

/** Returns the whole decoded body. Throws `malformed` if it exceeds `max` bytes, is truncated, or has an unsupported encoding. */
export async function readBody(reply: Reply, max: number, signal: AbortSignal): Promise<Uint8Array> {
  const declared = contentLength(reply);
  if (declared !== null && declared > max) {
    reply.body.destroy();
    throw tooLarge(reply, max);
  }
  try {
    const { bytes, whole } = await upTo(reply.body, max);
    if (!whole) throw tooLarge(reply, max);
    return await undoEncodings(bytes, reply, max);
  } catch (error) {
    const failure = transportFailure(error, reply.where, signal);
    if (failure.reason !== 'ConnectionReset') throw failure;
    throw new RegistryError('malformed', `${reply.where}: the body ended before its declared length`, {
      reason: 'Truncated',
      status: reply.status,
      cause: error,
    });
  }
}

/**
 * Returns the beginning of an error's body, and whether it is complete. If the connection breaks, the result is only shorter.
 */
export async function readSnippet(
  reply: Reply,
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
  try {
    return await upTo(reply.body, snippetLimit);
  } catch {
    return { bytes: new Uint8Array(), whole: false };
  }
}

/** Drains a body so that the connection can be reused; a long body closes the connection instead. */
export async function discard(reply: Reply): Promise<void> {
  await readSnippet(reply);
}

async function upTo(
  body: Dispatcher.ResponseData['body'],
  max: number,
): Promise<{ bytes: Uint8Array; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early destroys the stream.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > max) return { bytes: Buffer.concat(chunks).subarray(0, max), whole: false };
  }
  // undici frees the connection in the next turn of the event loop; an immediate request would open another one.
  await setImmediate();
  return { bytes: Buffer.concat(chunks), whole: true };
}

function tooLarge(reply: Reply, max: number): RegistryError {
  const declared = header(reply, 'content-length');
  const size = declared === null ? '' : ` (Content-Length ${clean(declared, 32)})`;
  return new RegistryError('malformed', `${reply.where}: the body is larger than ${max} bytes${size}`, {
    reason: 'TooLarge',
    status: reply.status,
  });
}
