/** What tells one state of a file from another without reading it. Follows symlinks, so that the swap of a Kubernetes volume's `..data` shows. */
import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Of the state now; a path that is not there or not to be had has a stamp too. */
export function stampNow(path: string): string {
  try {
    return text(statSync(path, { bigint: true }));
  } catch (error) {
    return absent(error);
  }
}

/** The same without holding up the event loop: network file systems hang. */
export async function stampOf(path: string): Promise<string> {
  try {
    return text(await stat(path, { bigint: true }));
  } catch (error) {
    return absent(error);
  }
}

function text({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function absent(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable';
}
