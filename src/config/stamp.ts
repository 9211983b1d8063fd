/**
 * Stamp of a file, which changes whenever the file does and is computed without reading it. It follows
 * symlinks, so the swap of a Kubernetes volume's `..data` changes it.
 */
import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Returns the current stamp of `path`. A path that does not exist or cannot be read has a stamp too. */
export function stampSync(path: string): string {
  try {
    return formatStats(statSync(path, { bigint: true }));
  } catch (error) {
    return errorStamp(error);
  }
}

/** Does the same as `stampSync` without blocking the event loop, because network file systems can hang. */
export async function stamp(path: string): Promise<string> {
  try {
    return formatStats(await stat(path, { bigint: true }));
  } catch (error) {
    return errorStamp(error);
  }
}

function formatStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function errorStamp(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable';
}
