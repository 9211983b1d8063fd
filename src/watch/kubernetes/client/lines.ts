/** Splitter of a byte stream into lines of bounded length. */
import { KubernetesError } from '../api.ts';

/** Yields each line. Text after the last line feed is a line too, unless it is empty. Throws `TooLarge`. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  requestLine: string,
): AsyncGenerator<string, void, void> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const append = (part: Uint8Array): void => {
    size += part.byteLength;
    if (size > maxBytes)
      throw new KubernetesError('TooLarge', `${requestLine}: a line of more than ${maxBytes} bytes`);
    parts.push(part);
  };
  const takeLine = (): string => {
    const text = Buffer.concat(parts, size).toString('utf8');
    parts = [];
    size = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      append(chunk.subarray(from, end));
      yield takeLine();
      from = end + 1;
    }
    if (from < chunk.byteLength) append(chunk.subarray(from));
  }
  if (size > 0) yield takeLine();
}
