/** Reader of a `config.toml` and the files that it imports, merged as containerd merges them. */
import { posix } from 'node:path';
import { DocumentValue } from '../../../../document/document-value.ts';
import { parseToml } from '../../../../document/toml.ts';
import type { Warning } from '../../../warning.ts';
import { inFile, readConfigFile } from '../../files/config-file.ts';
import { type Files, globFiles } from '../../files/files.ts';
import { MirrorConfigError } from '../../mirror-config-error.ts';
import type { ContainerdVersion } from '../../runtime/containerd-version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';
import { type ConfigTomlFile, type CriSettings, parseConfigToml } from './config-toml.ts';

export interface CriConfig {
  readonly settings: CriSettings;
  readonly warnings: readonly Warning[];
}

const noSettings: CriSettings = { mirrors: new Map(), hosts: new Map(), pullsLocally: false };

// containerd has no limit. Real configurations have a handful of imports, so 64 stops only a mistake.
const maxImports = 64;

/**
 * Reads `file` through `files`, and its imports: absolute names through `outside`, relative ones next to the importing file.
 * Throws `MirrorConfigError`.
 */
export function readCriConfig(
  file: string,
  version: ContainerdVersion,
  files: Files,
  outside: Files,
): CriConfig {
  const read = new Map<string, ConfigTomlFile>();
  const pending = [file];
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    if (read.has(path)) continue;
    if (read.size > maxImports) throw tooMany(file);
    const from = path !== file && posix.isAbsolute(path) ? outside : files;
    const parsed = readOne(path, version, from);
    read.set(path, parsed);
    for (const name of parsed.imports) pending.push(...resolveImport(path, name, files, outside));
  }
  const all = [...read.values()];
  return {
    settings: all.reduce((merged, { settings }) => mergeSettings(merged, settings, version), noSettings),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

function readOne(path: string, version: ContainerdVersion, files: Files): ConfigTomlFile {
  const text = readConfigFile(path, files);
  return inFile(path, () => {
    const { root } = parseToml(text);
    return parseConfigToml(
      new DocumentValue(root, { file: path, ignoreCase: false, anyScalarIsText: false }),
      version,
    );
  });
}

/** Returns the files that an import names. A name without `*` must exist; a pattern may match no file. */
function resolveImport(parent: string, name: string, files: Files, outside: Files): readonly string[] {
  const path = posix.isAbsolute(name) ? posix.normalize(name) : posix.join(posix.dirname(parent), name);
  if (!path.includes('*')) return [path];
  return globFiles(posix.isAbsolute(path) ? outside : files, path);
}

/**
 * Merges an import into the settings. containerd 1.x replaces the whole plugin table by that of a later file; 2.0 and later
 * merge tables by key.
 */
function mergeSettings(
  before: CriSettings,
  later: CriSettings | null,
  version: ContainerdVersion,
): CriSettings {
  if (later === null) return before;
  if (!isAtLeast(version, 2, 0)) return later;
  return {
    ...before,
    ...later,
    mirrors: new Map([...before.mirrors, ...later.mirrors]),
    hosts: new Map([...before.hosts, ...later.hosts]),
    pullsLocally: before.pullsLocally || later.pullsLocally,
  };
}

function tooMany(file: string): MirrorConfigError {
  const why = `imports more than ${maxImports} files`;
  return new MirrorConfigError('INVALID', { file, line: null, column: null }, why);
}
