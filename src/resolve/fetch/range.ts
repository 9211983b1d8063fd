/** Reading on where a broken stream ended: the `Range` that is asked for, and what an answer to it means. */
import { clean } from '../../util/text/text.ts';
import { RegistryError } from '../registry/error.ts';
import type { ContentAnswer } from '../registry/registry.ts';

type Head = Pick<ContentAnswer, 'status' | 'where' | 'contentRange' | 'encodings'>;

/** null at the beginning: all of it. */
export function rangeFrom(offset: number): string | null {
  return offset === 0 ? null : `bytes=${offset}-`;
}

/**
 * Decoded bytes to throw away before those that begin at `offset`. `null` when the answer must be asked for again without
 * `Range`: an offset in the content means nothing in an encoded body. Throws `malformed` for another part than was asked for.
 */
export function bytesToSkip(answer: Head, offset: number, range: string | null): number | null {
  const { status, contentRange, encodings } = answer;
  if (status !== 200 && (status !== 206 || range === null)) {
    throw wrong(answer, 'UnexpectedStatus', `answered ${status} to a request for content`);
  }
  if (range === null) return offset;
  // containerd's main branch believes every 206; its earlier releases compared, and so does this.
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
