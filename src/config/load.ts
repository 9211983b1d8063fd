/** The configuration from its file, or the defaults where there is none. Reads no environment: the path is given. */
import { dirname } from 'node:path';
import { FileError } from '../resolve/endpoints/files/files.ts';
import { clean } from '../util/text/text.ts';
import { type Configuration, defaultConfiguration } from './configuration.ts';
import { RecordedFiles } from './files.ts';
import { parseConfiguration } from './parse/parse.ts';
import { ConfigurationError } from './problem.ts';

/** The files of one load: what the configuration names is read through these, relative to its folder. */
export function filesBeside(path: string | null): RecordedFiles {
  return new RecordedFiles(path === null ? '.' : dirname(path));
}

/** `path` null: no file, the defaults (upstream only). Throws `ConfigurationError` with every problem. */
export function loadConfiguration(path: string | null, files: RecordedFiles): Configuration {
  return path === null ? defaultConfiguration() : parseConfiguration(text(path, files), clean(path));
}

function text(path: string, files: RecordedFiles): string {
  const refused = (message: string, cause?: unknown): ConfigurationError =>
    new ConfigurationError([{ file: clean(path), line: null, column: null, path: '', message }], { cause });
  // The path is the caller's, relative to where the caller stands, and not to the file's own folder.
  const absolute = filesBeside(null).absolute(path);
  try {
    const found = files.read(absolute);
    if (found !== null) return found;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw refused(`cannot be read: ${error.message.slice(error.path.length + 2)}`, error);
  }
  throw refused('does not exist; correct the path, or leave it out for the defaults');
}
