/** The section `credentials` of the configuration → what Pratique itself may log in with. */
import type { RecordedFiles } from '../config/files.ts';
import { ConfigurationError } from '../config/problem.ts';
import type { CredentialProviders, ServerCredentials } from '../resolve/credentials/credentials.ts';
import {
  DockerConfigError,
  type KeyedEntry,
  parseDockerConfig,
} from '../resolve/credentials/docker-config.ts';
import { ProviderConfigError } from '../resolve/credentials/exec/config.ts';
import { credentialProviders } from '../resolve/credentials/exec/providers.ts';
import { runCommand } from '../resolve/credentials/exec/run.ts';
import { clean } from '../util/text/text.ts';
import type { Warning } from '../resolve/warning.ts';
import type { CredentialsConfiguration } from '../resolve/credentials/schema.ts';
import { FileError } from '../resolve/endpoints/files/files.ts';

export interface CredentialsOptions {
  readonly files: RecordedFiles;
  /** For the processes of credential providers. */
  readonly environment: Readonly<Record<string, string>>;
  /** A credential provider failed: its name and what happened. */
  readonly providerFailed: (provider: string, message: string) => void;
}

/** Throws `ConfigurationError` for a file that cannot be used; nothing of its content is in the message. */
export function serverCredentials(
  section: CredentialsConfiguration,
  options: CredentialsOptions,
): ServerCredentials {
  const dockerConfig = readDockerConfig(section.dockerConfig, 'dockerConfig', options.files);
  const nodeDockerConfig = readDockerConfig(section.nodeDockerConfig, 'nodeDockerConfig', options.files);
  return {
    dockerConfig: dockerConfig.entries,
    nodeDockerConfig: nodeDockerConfig.entries,
    warnings: [...dockerConfig.warnings, ...nodeDockerConfig.warnings],
    execProviders: providers(section, options),
    kubeletMatching: section.kubeletMatching,
  };
}

interface DockerConfigFile {
  readonly entries: readonly KeyedEntry[];
  readonly warnings: readonly Warning[];
}

function readDockerConfig(path: string, key: string, files: RecordedFiles): DockerConfigFile {
  if (path === '') return { entries: [], warnings: [] };
  return from(path, `credentials.${key}`, files, (text) => {
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

function providers(
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
  return from(config, 'credentials.execProviders.config', files, (text) =>
    credentialProviders({ config: text, failed: providerFailed, ...tools }),
  );
}

function from<T>(file: string, path: string, files: RecordedFiles, use: (text: string) => T): T {
  const refused = (message: string, cause?: unknown) =>
    new ConfigurationError([{ file, line: null, column: null, path, message }], { cause });
  try {
    const text = files.read(file);
    if (text === null) throw refused('does not exist; correct the path');
    return use(text);
  } catch (error) {
    const known = [FileError, DockerConfigError, ProviderConfigError].some((kind) => error instanceof kind);
    throw known && error instanceof Error ? refused(error.message, error) : error;
  }
}
