/**
 * Error of a document that cannot be read: it is not valid JSON, YAML or TOML, or its content has the wrong
 * form. The message does not name the file; the caller that knows the file adds its name.
 */

/**
 * `SYNTAX`: the text is not valid in its language. `INVALID`: the text is well formed, but a value has a
 * wrong type or is not allowed.
 */
export type DocumentErrorCode = 'SYNTAX' | 'INVALID';

/** Position at which a value begins in a document. */
export interface Position {
  /** Line, counted from 1. */
  readonly line: number;
  /** Column, counted from 1 in UTF-16 units. */
  readonly column: number;
}

export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: DocumentErrorCode;
  /** null if the position was not known where the error was created; `positioned` fills it in. */
  readonly position: Position | null;
  constructor(
    code: DocumentErrorCode,
    message: string,
    position: Position | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.position = position;
  }
}

/** Runs `read`. If it throws a `DocumentError` without a position, the error gets `position`. */
export function positioned<T>(position: Position | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DocumentError) || error.position !== null) throw error;
    throw new DocumentError(error.code, error.message, position, { cause: error });
  }
}
