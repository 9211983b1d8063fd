/** Builders of warnings about a line of a mirror configuration. */
import type { DocumentValue } from '../../document/document-value.ts';
import { nearest } from '../../util/text/nearest.ts';
import { clean } from '../../util/text/text.ts';
import type { Warning } from '../warning.ts';
import type { ConfigSource } from './endpoint.ts';

/** Formats a source as `file:line`, or as the file alone; null if no file is the cause. */
export function sourceText(source: ConfigSource | null): string | null {
  if (source === null) return null;
  return clean(source.line === null ? source.file : `${source.file}:${source.line}`);
}

export function warn(code: string, source: ConfigSource | null, message: string): Warning {
  return { code, message: clean(message, 512), source: sourceText(source) };
}

/** 20: further unknown keys share one warning, so that a file of another format does not flood the list. */
const maxUnknownKeys = 20;

/** Returns a warning for each key of `table` that `owner` does not know, with the most similar known key. */
export function unknownKeyWarnings(
  table: DocumentValue,
  known: readonly string[],
  owner: string,
): readonly Warning[] {
  return table
    .unknownKeys(known)
    .slice(0, maxUnknownKeys)
    .map(({ name, source }) => unknownKeyWarning(name, source, known, owner));
}

export function unknownKeyWarning(
  name: string,
  source: ConfigSource,
  known: readonly string[],
  owner: string,
): Warning {
  const near = nearest(name, known);
  const advice = near === null ? '' : `; did you mean ${near}?`;
  return warn('UnknownKey', source, `${owner} ignores the key ${clean(name, 80)}${advice}`);
}
