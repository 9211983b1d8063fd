/**
 * Reader of the settings of crio.conf and its drop-ins that change how images are pulled: `short_name_mode` and
 * `insecure_registries`.
 */
import { DocumentValue } from '../../../document/document-value.ts';
import { parseToml } from '../../../document/toml.ts';
import { inFile, readConfigFile } from '../files/config-file.ts';
import type { Files } from '../files/files.ts';
import { isAtLeast, type RuntimeVersion } from '../runtime/runtime-version.ts';
import type { CrioShortNameMode } from './short-names.ts';

export interface CrioConf {
  readonly shortNameMode: CrioShortNameMode;
  /** Hosts and networks that CRI-O up to 1.34 contacts without verifying certificates, and by http if https fails. */
  readonly insecureRegistries: readonly string[];
}

export const defaultCrioConf: CrioConf = { shortNameMode: 'enforcing', insecureRegistries: [] };

/** Reads `file` and, in lexical order, every file in `<file>.d`; later files take precedence. Throws `MirrorConfigError`. */
export function readCrioConf(file: string, version: RuntimeVersion | null, files: Files): CrioConf {
  const directory = `${file}.d`;
  const dropIns = (files.list(directory) ?? []).filter((name) => !name.endsWith('/'));
  const paths = [file, ...dropIns.map((name) => `${directory}/${name}`)];
  return paths.reduce((before, path) => ({ ...before, ...readOne(path, version, files) }), defaultCrioConf);
}

/**
 * Reads the settings of one file. CRI-O does not start with a mode that it does not know; versions before 1.34 have no mode.
 */
function readOne(path: string, version: RuntimeVersion | null, files: Files): Partial<CrioConf> {
  const text = readConfigFile(path, files);
  return inFile(path, () => {
    const { root } = parseToml(text);
    const options = { file: path, ignoreCase: true, anyScalarIsText: false };
    const image = new DocumentValue(root, options).get('crio').get('image');
    const [mode, insecure] = [image.get('short_name_mode'), image.get('insecure_registries')];
    const hasMode = version === null || isAtLeast(version, 1, 34, 1);
    return {
      ...(!mode.isNull && hasMode && { shortNameMode: readMode(mode) }),
      ...(!insecure.isNull && { insecureRegistries: insecure.strings() }),
    };
  });
}

function readMode(mode: DocumentValue): CrioShortNameMode {
  const text = mode.string();
  if (text === 'enforcing' || text === 'disabled') return text;
  throw mode.invalid(
    `short_name_mode is "${text}", with which CRI-O does not start; write enforcing or disabled`,
  );
}
