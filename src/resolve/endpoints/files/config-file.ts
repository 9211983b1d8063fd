/** Reader of a configuration file that must exist, of any format. Every problem becomes a `MirrorConfigError`. */
import { DocumentError } from '../../../document/document-error.ts';
import { MirrorConfigError } from '../mirror-config-error.ts';
import { FileError, type Files } from './files.ts';

/** Returns the text without a byte order mark. Throws `MirrorConfigError` with `NOT_FOUND` or `UNREADABLE`. */
export function readConfigFile(file: string, files: Files): string {
  return existing(file, () => files.read(file)).replace(/^\ufeff/, '');
}

/**
 * Returns the text of a file in UTF-8, or in UTF-16 with a byte order mark, because moby accepts both. Throws the same errors
 * as `readConfigFile`.
 */
export function readUnicodeFile(file: string, files: Files): string {
  const bytes = existing(file, () => files.readBytes(file));
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** Runs `read`, which parses `file`, and converts its `DocumentError` to a `MirrorConfigError`. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const { line, column } = error.position ?? { line: null, column: null };
    throw new MirrorConfigError(error.code, { file, line, column }, error.message, { cause: error });
  }
}

function existing<T>(file: string, read: () => T | null): T {
  const at = { file, line: null, column: null };
  try {
    const content = read();
    if (content !== null) return content;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new MirrorConfigError('UNREADABLE', at, 'the mirror configuration cannot be read', {
      cause: error,
    });
  }
  throw new MirrorConfigError('NOT_FOUND', at, 'the mirror configuration does not exist; correct its path');
}
