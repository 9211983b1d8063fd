/** Reads a configuration file that has to be there, and puts a place on what is wrong with it. Knows no format. */
import { FileError, type Files } from './files.ts';
import { InvalidSetting } from '../invalid-setting.ts';
import { MirrorConfigError, type Position } from '../mirror-config-error.ts';

/** The text without a byte order mark. Throws `MirrorConfigError` `NOT_FOUND` or `UNREADABLE`. */
export function readConfigFile(file: string, files: Files): string {
  const at = { file, line: null, column: null };
  try {
    const text = files.read(file);
    if (text !== null) return text.replace(/^\ufeff/, '');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new MirrorConfigError('UNREADABLE', at, 'the mirror configuration cannot be read', {
      cause: error,
    });
  }
  throw new MirrorConfigError('NOT_FOUND', at, 'the mirror configuration does not exist; correct its path');
}

/** Runs `read` and turns an `InvalidSetting` into a `MirrorConfigError` `INVALID` at that place. */
export function placed<T>(at: Position, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidSetting)) throw error;
    throw new MirrorConfigError('INVALID', at, error.message, { cause: error });
  }
}
