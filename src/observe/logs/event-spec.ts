/** Entry of a log event in the catalogue: level, meaning and fields. */

/**
 * `text`: at most 256 characters. `message`: at most 1,024 characters, without credentials. `error`: an error
 * and its causes on one line. `stack`: an error with its stack trace, for programming errors.
 */
export type FieldKind = 'text' | 'message' | 'number' | 'flag' | 'error' | 'stack';

export interface FieldSpec {
  readonly kind: FieldKind;
  readonly meaning: string;
}

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface EventSpec {
  readonly level: Level;
  readonly meaning: string;
  readonly fields: Readonly<Record<string, FieldSpec>>;
}
