/** Parser of the option `--mirrors KIND=PATH`, which becomes a section `mirrors` of the configuration. */
import { UsageError } from '../../cli/io.ts';
import { type MirrorsConfiguration, mirrorsSchema, sourceNames } from '../../resolve/endpoints/schema.ts';
import { clean } from '../../util/text/text.ts';

type Kind = (typeof sourceNames)[number];

/** Parses the option. Throws `UsageError`. */
export function parseMirrorArgument(text: string): MirrorsConfiguration {
  const [kind = '', ...rest] = text.split('=');
  const path = rest.join('=');
  const name = sourceNames.find((known) => known === kind);
  if (name === undefined || path === '') {
    throw new UsageError(
      `--mirrors '${clean(text, 80)}' is not KIND=PATH; KIND is one of ${sourceNames.join(', ')}`,
    );
  }
  return mirrorsSchema.parse({ [name]: source(name, path) });
}

function source(kind: Kind, path: string): object {
  switch (kind) {
    case 'containerd':
      return path.endsWith('.toml') ? { configToml: path } : { configPath: path };
    case 'k3s':
      return { registriesYaml: path };
    case 'crio':
      return { registriesConf: path };
    case 'docker':
      return { daemonJson: path };
    case 'openshift':
      return { mirrorSets: path };
    default:
      return kind satisfies never;
  }
}
