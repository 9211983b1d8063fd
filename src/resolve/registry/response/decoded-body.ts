/** Stream of a body of any length with its encodings undone, in constant memory. */
import { pipeline } from 'node:stream';
import type { RegistryError } from '../error.ts';
import { transportFailure } from '../failures.ts';
import { decodingStreams } from './encoding.ts';
import type { Reply } from './reply.ts';

/** Streams the decoded bytes. Throws `RegistryError`. Leaving it early destroys the body and its connection. */
export async function* decodedBody(
  reply: Reply,
  encodings: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let failure: RegistryError | null = null;
  const decoders = decodingStreams(encodings, reply, (error) => {
    // A connection that breaks destroys its decoders too; the first failure is the cause.
    if (!reply.body.errored) failure ??= error;
  });
  const last = decoders.at(-1) ?? reply.body;
  // The reader of the last stream gets every error.
  if (decoders.length > 0) pipeline([reply.body, ...decoders], () => {});
  try {
    for await (const chunk of last as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw failure ?? transportFailure(error, reply.where, signal);
  } finally {
    reply.body.destroy();
  }
}
