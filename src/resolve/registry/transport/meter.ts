/** A limit to all that one answer sends, bytes that are no body included: interim answers, chunk extensions, blank lines without an end would keep us reading until the deadline. */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
  readonly code = 'ANSWER_TOO_LONG';
}

/** Connects as `connect` does; a connection on which more than `max` bytes come after one request ends with `AnswerTooLong`. */
export function metered(connect: buildConnector.connector, max: number): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      if (result[1]) watch(result[1], max);
      callback(...result);
    });
}

/** Takes nothing from the socket: undici reads it. There is no pipelining, so that what was written tells one request from the next. */
function watch(socket: Socket, max: number): void {
  let [written, read] = [0, 0];
  socket.on('readable', () => {
    if (socket.bytesWritten !== written) [written, read] = [socket.bytesWritten, socket.bytesRead];
    else if (socket.bytesRead - read > max) socket.destroy(new AnswerTooLong());
  });
}
