/** The process: the only reader of argv and the environment, and the only caller of `process.exit`. */
import { setTimeout } from 'node:timers/promises';
import metadata from '../package.json' with { type: 'json' };
import { run } from './app/commands.ts';
import type { Io, Output } from './cli/io.ts';

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.once(name, () => stopping.abort(name));
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    colour: stream.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    width: stream.isTTY ? stream.columns : null,
  };
}

async function readStdin(limit: number): Promise<Uint8Array> {
  stopping.signal.addEventListener('abort', () => process.stdin.destroy());
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new Error(`more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// A reader that closes the pipe early (`pratique inspect … | head`) has all it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const io: Io = {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  readStdin,
  signal: stopping.signal,
};
const status = await run(process.argv.slice(2), { version: metadata.version, environment: process.env }, io);
// Exiting before the streams are flushed would cut output that goes to a pipe.
const flushed = Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
);
// A reader that does not read must not keep the process.
await Promise.race([flushed, setTimeout(1_000)]);
process.exit(status);
