/** Error for a mirror configuration that cannot be used at all. A file that the runtime ignores gives a `Warning` instead. */
import { clean } from '../../util/text/text.ts';

/**
 * `NOT_FOUND`: the file does not exist. `UNREADABLE`: it exists but cannot be read. `SYNTAX`: it is not TOML, YAML or JSON.
 * `INVALID`: it is well formed but does not have this format.
 */
export type MirrorConfigErrorCode = 'NOT_FOUND' | 'UNREADABLE' | 'SYNTAX' | 'INVALID';

/** Place of an error. `line` and `column` count from 1; null if unknown. */
export interface ConfigPosition {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** Error whose message starts with `file:line:column:`. */
export class MirrorConfigError extends Error {
  override readonly name = 'MirrorConfigError';
  readonly code: MirrorConfigErrorCode;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  constructor(code: MirrorConfigErrorCode, at: ConfigPosition, why: string, options?: ErrorOptions) {
    const place = [at.file, at.line, at.column].filter((part) => part !== null).join(':');
    super(`${clean(place)}: ${clean(why, 512)}`, options);
    this.code = code;
    this.file = at.file;
    this.line = at.line;
    this.column = at.column;
  }
}
