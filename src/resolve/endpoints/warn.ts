/** Warnings that blame a place in a mirror configuration. */
import { clean } from '../../util/text/text.ts';
import type { Warning } from '../warning.ts';
import type { ConfigSource } from './endpoint.ts';

/** `file:line`, or the file alone; null where no file is to blame. */
export function placeOf(source: ConfigSource | null): string | null {
  if (source === null) return null;
  return clean(source.line === null ? source.file : `${source.file}:${source.line}`);
}

export function warn(code: string, source: ConfigSource | null, message: string): Warning {
  return { code, message: clean(message, 512), source: placeOf(source) };
}
