/** A stream of bytes cut into lines of bounded length. Not for what is in them. */
import { KubernetesError } from '../api.ts';

/** What follows the last line feed is a line too, unless it is empty. Throws `TooLarge`. */
export async function* lines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  where: string,
): AsyncGenerator<string, void, void> {
  let held: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array): void => {
    size += part.byteLength;
    if (size > maxBytes)
      throw new KubernetesError('TooLarge', `${where}: a line of more than ${maxBytes} bytes`);
    held.push(part);
  };
  const line = (): string => {
    const text = Buffer.concat(held, size).toString('utf8');
    held = [];
    size = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    if (from < chunk.byteLength) take(chunk.subarray(from));
  }
  if (size > 0) yield line();
}
