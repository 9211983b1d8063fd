/** Range requests that continue a broken stream: the value of `Range`, and the interpretation of the response. */
import { clean } from '../../util/text/text.ts';
import { RegistryError } from '../registry/error.ts';
import type { ContentAnswer } from '../registry/registry.ts';

type Head = Pick<ContentAnswer, 'status' | 'where' | 'contentRange' | 'encodings'>;

/** Returns null at the beginning, where the whole content is requested. */
export function rangeFrom(offset: number): string | null {
  return offset === 0 ? null : `bytes=${offset}-`;
}

/**
 * Returns the number of decoded bytes to discard before `offset`. Returns null if the request must be repeated without
 * `Range`, because an offset in the content has no meaning in an encoded body. Throws `malformed` if the server sent another
 * range than the requested one.
 */
export function bytesToSkip(answer: Head, offset: number, range: string | null): number | null {
  const { status, contentRange, encodings } = answer;
  if (status !== 200 && (status !== 206 || range === null)) {
    throw wrong(answer, 'UnexpectedStatus', `answered ${status} to a request for content`);
  }
  if (range === null) return offset;
  // containerd's main branch accepts every 206; its earlier releases compared the range, as this code does.
  if (contentRange !== null && !contentRange.trim().startsWith(`bytes ${offset}-`)) {
    throw wrong(answer, 'ContentRange', `asked for ${range}, it sent the range "${clean(contentRange, 64)}"`);
  }
  const isPart = status === 206 || contentRange !== null;
  if (!isPart) return offset;
  return encodings.length === 0 ? 0 : null;
}

function wrong({ where, status }: Head, reason: string, message: string): RegistryError {
  return new RegistryError('malformed', `${where}: ${message}`, { reason, status });
}
