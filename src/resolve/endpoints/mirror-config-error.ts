/** A mirror configuration that cannot be used at all. Files that their owner would ignore give a `Warning` instead. */
import { clean } from '../../util/text/text.ts';

/** `NOT_FOUND`: no such file. `UNREADABLE`: there, but not to be read. `SYNTAX`: no TOML, YAML or JSON. `INVALID`: well formed, but not this format. */
export type MirrorConfigErrorCode = 'NOT_FOUND' | 'UNREADABLE' | 'SYNTAX' | 'INVALID';

/** Position of an error; `line` and `column` from 1, null where they are not known. */
export interface Position {
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
  constructor(code: MirrorConfigErrorCode, at: Position, why: string, options?: ErrorOptions) {
    const place = [at.file, at.line, at.column].filter((part) => part !== null).join(':');
    super(`${clean(place)}: ${clean(why, 512)}`, options);
    this.code = code;
    this.file = at.file;
    this.line = at.line;
    this.column = at.column;
  }
}
