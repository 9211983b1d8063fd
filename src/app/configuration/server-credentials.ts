/** Loader of the credentials that Pratique itself may use, from the configuration's section `credentials`. */
import type { RecordedFiles } from '../../config/files.ts';
import { ConfigurationError } from '../../config/problem.ts';
import type { CredentialProviders, ServerCredentials } from '../../resolve/credentials/credentials.ts';
import {
  DockerConfigError,
  type KeyedEntry,
  parseDockerConfig,
} from '../../resolve/credentials/docker-config.ts';
import { ProviderConfigError } from '../../resolve/credentials/exec/config.ts';
import { credentialProviders } from '../../resolve/credentials/exec/providers.ts';
import { runCommand } from '../../resolve/credentials/exec/run.ts';
import { clean } from '../../util/text/text.ts';
import type { Warning } from '../../resolve/warning.ts';
import type { CredentialsConfiguration } from '../../resolve/credentials/schema.ts';
import { FileError } from '../../resolve/endpoints/files/files.ts';

export interface CredentialsOptions {
  readonly files: RecordedFiles;
  /** Environment of the credential providers' processes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with the provider's name and its error message. */
  readonly providerFailed: (provider: string, message: string) => void;
}

/**
 * Loads the credentials. Throws `ConfigurationError` for a file that cannot be used; the message contains
 * nothing of the file's content.
 */
export function loadServerCredentials(
  section: CredentialsConfiguration,
  options: CredentialsOptions,
): ServerCredentials {
  const dockerConfig = readDockerConfig(section.dockerConfig, 'dockerConfig', options.files);
  const nodeDockerConfig = readDockerConfig(section.nodeDockerConfig, 'nodeDockerConfig', options.files);
  return {
    dockerConfig: dockerConfig.entries,
    nodeDockerConfig: nodeDockerConfig.entries,
    warnings: [...dockerConfig.warnings, ...nodeDockerConfig.warnings],
    execProviders: loadProviders(section, options),
    kubeletMatching: section.kubeletMatching,
  };
}

interface DockerConfigFile {
  readonly entries: readonly KeyedEntry[];
  readonly warnings: readonly Warning[];
}

function readDockerConfig(path: string, key: string, files: RecordedFiles): DockerConfigFile {
  if (path === '') return { entries: [], warnings: [] };
  return readFile(path, `credentials.${key}`, files, (text) => {
    const { entries, malformed, hasHelpers } = parseDockerConfig(text, 'either', { source: path });
    if (malformed.length > 0) {
      throw new DockerConfigError(`these entries cannot be read: ${malformed.join(', ')}`);
    }
    return { entries, warnings: hasHelpers ? [helpersIgnored(path)] : [] };
  });
}

function helpersIgnored(path: string): Warning {
  const message =
    'credsStore and credHelpers are not used, so the credentials that they keep are missing; write them below auths';
  return { code: 'CredentialHelpersIgnored', message, source: clean(path) };
}

function loadProviders(
  { execProviders: { config, binDir } }: CredentialsConfiguration,
  { files, environment, providerFailed }: CredentialsOptions,
): CredentialProviders | null {
  if (config === '') return null;
  const tools = {
    binDir: files.absolute(binDir),
    environment,
    run: runCommand,
    now: () => performance.now(),
  };
  return readFile(config, 'credentials.execProviders.config', files, (text) =>
    credentialProviders({ config: text, failed: providerFailed, ...tools }),
  );
}

function readFile<T>(file: string, path: string, files: RecordedFiles, parse: (text: string) => T): T {
  const problem = (message: string, cause?: unknown) =>
    new ConfigurationError([{ file, line: null, column: null, path, message }], { cause });
  try {
    const text = files.read(file);
    if (text === null) throw problem('does not exist; correct the path');
    return parse(text);
  } catch (error) {
    const known = [FileError, DockerConfigError, ProviderConfigError].some((kind) => error instanceof kind);
    throw known && error instanceof Error ? problem(error.message, error) : error;
  }
}
