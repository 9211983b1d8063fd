/** Loader of the configuration: it reads the file, or returns the defaults without one. */
import { dirname } from 'node:path';
import { FileError } from '../resolve/endpoints/files/files.ts';
import { clean } from '../util/text/text.ts';
import { type Configuration, defaultConfiguration } from './configuration.ts';
import { RecordedFiles } from './files.ts';
import { parseConfiguration } from './parse/parse.ts';
import { ConfigurationError } from './problem.ts';

/**
 * Returns the files of one load. Paths in the configuration are read through them, relative to its folder.
 */
export function filesBeside(path: string | null): RecordedFiles {
  return new RecordedFiles(path === null ? '.' : dirname(path));
}

/**
 * Loads the configuration at `path`, or the defaults if `path` is null. Throws `ConfigurationError` with
 * every problem.
 */
export function loadConfiguration(path: string | null, files: RecordedFiles): Configuration {
  return path === null ? defaultConfiguration() : parseConfiguration(readText(path, files), clean(path));
}

function readText(path: string, files: RecordedFiles): string {
  const problem = (message: string, cause?: unknown): ConfigurationError =>
    new ConfigurationError([{ file: clean(path), line: null, column: null, path: '', message }], { cause });
  // The path from the command line is relative to the working directory, not to the configuration's folder.
  const absolute = filesBeside(null).absolute(path);
  try {
    const text = files.read(absolute);
    if (text !== null) return text;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw problem(`cannot be read: ${error.message.slice(error.path.length + 2)}`, error);
  }
  throw problem('does not exist; correct the path, or omit it to use the defaults');
}
