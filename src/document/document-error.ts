/** A document that cannot be read: not JSON, YAML or TOML, or not what its owner takes. The caller that knows the file adds its name. */

/** `SYNTAX`: not of its language. `INVALID`: well formed, but of a wrong type or with a value that its owner refuses. */
export type DocumentErrorCode = 'SYNTAX' | 'INVALID';

/** Where a value begins in a document. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: DocumentErrorCode;
  /** null if the one who found the error does not know it; `positioned` fills it in. */
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

/** Runs `read`, and gives a `DocumentError` from it that has no position this one. */
export function positioned<T>(position: Position | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DocumentError) || error.position !== null) throw error;
    throw new DocumentError(error.code, error.message, position, { cause: error });
  }
}
