/** Loads the credentials that Pratique itself may use from the configuration's section `credentials`. */
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
import { run } from '../../resolve/credentials/exec/run.ts';
import type { CredentialsConfiguration } from '../../resolve/credentials/schema.ts';
import { FileError } from '../../resolve/endpoints/files/files.ts';

export interface CredentialsOptions {
  readonly files: RecordedFiles;
  /** Environment of the credential providers' processes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with the provider's name and its error. */
  readonly providerFailed: (provider: string, message: string) => void;
}

/** Throws `ConfigurationError` for a file that cannot be used; its message contains nothing of the file's content. */
export function loadServerCredentials(
  section: CredentialsConfiguration,
  options: CredentialsOptions,
): ServerCredentials {
  return {
    dockerConfig: readDockerConfig(section.dockerConfig, 'dockerConfig', options.files),
    nodeDockerConfig: readDockerConfig(section.nodeDockerConfig, 'nodeDockerConfig', options.files),
    execProviders: loadProviders(section, options),
    kubeletMatching: section.kubeletMatching,
  };
}

function readDockerConfig(path: string, key: string, files: RecordedFiles): readonly KeyedEntry[] {
  if (path === '') return [];
  return readFile(path, `credentials.${key}`, files, (text) => {
    const { entries, malformed } = parseDockerConfig(text, 'either');
    if (malformed.length === 0) return entries;
    throw new DockerConfigError(`these entries cannot be read: ${malformed.join(', ')}`);
  });
}

function loadProviders(
  { execProviders: { config, binDir } }: CredentialsConfiguration,
  { files, environment, providerFailed }: CredentialsOptions,
): CredentialProviders | null {
  if (config === '') return null;
  const tools = { binDir: files.absolute(binDir), environment, run, now: () => performance.now() };
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
