/**
 * Byte limit for one response on the wire. Endless interim responses, chunk extensions or blank lines are not part of the
 * body, and would otherwise be read until the deadline.
 */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
  readonly code = 'ANSWER_TOO_LONG';
}

/** Wraps `connect`: it destroys a connection with `AnswerTooLong` if more than `max` bytes follow one request. */
export function metered(connect: buildConnector.connector, max: number): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      if (result[1]) watch(result[1], max);
      callback(...result);
    });
}

/**
 * Counts bytes without reading them, because undici consumes the socket. Pipelining is off, so a change of the written bytes
 * marks the next request.
 */
function watch(socket: Socket, max: number): void {
  let [written, read] = [0, 0];
  socket.on('readable', () => {
    if (socket.bytesWritten !== written) [written, read] = [socket.bytesWritten, socket.bytesRead];
    else if (socket.bytesRead - read > max) socket.destroy(new AnswerTooLong());
  });
}
