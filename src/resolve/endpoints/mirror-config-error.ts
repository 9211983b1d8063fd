/** A mirror configuration that cannot be used at all. Files that their owner ignores give a `Warning` instead. */
import { clean } from '../../util/text/text.ts';

/** `NOT_FOUND`: no such file. `UNREADABLE`: it exists and cannot be read. `SYNTAX`: not TOML, YAML or JSON. `INVALID`: well formed, but not of this format. */
export type MirrorConfigErrorCode = 'NOT_FOUND' | 'UNREADABLE' | 'SYNTAX' | 'INVALID';

/** Place of an error; `line` and `column` from 1, null if they are not known. */
export interface ConfigPosition {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** The message starts with `file:line:column:`. */
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
