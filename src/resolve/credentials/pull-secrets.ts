/** Conversion of pull secrets to docker config entries. */
import { clean } from '../../util/text/text.ts';
import type { Warning } from '../warning.ts';
import {
  DockerConfigError,
  type DockerConfigForm,
  type KeyedEntry,
  parseDockerConfig,
} from './docker-config.ts';

/** The fields of a Secret that pulling needs; `data` is decoded from base64. */
export interface PullSecret {
  readonly name: string;
  /** Absent if the caller does not know the namespace. */
  readonly namespace?: string;
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface PullSecretEntries {
  /** Entries in the order of the secrets. */
  readonly entries: readonly KeyedEntry[];
  /**
   * Warnings about the secrets. `MalformedPullSecret`: Pratique uses the other secrets, although the kubelet would drop all.
   * `PullSecretsTooLarge`: some entries that the kubelet would find were not read.
   */
  readonly warnings: readonly Warning[];
}

const forms: ReadonlyMap<string, { readonly key: string; readonly form: DockerConfigForm }> = new Map([
  ['kubernetes.io/dockerconfigjson', { key: '.dockerconfigjson', form: 'json' }],
  ['kubernetes.io/dockercfg', { key: '.dockercfg', form: 'legacy' }],
]);

// Limits for all secrets of one workload together. Each entry is compared with each new image, and a namespace's users write
// the secrets, so an unbounded number could delay the admissions of all namespaces.
const maxEntries = 1_000;
const maxCharacters = 2 ** 20;

/** Converts secrets to entries. It ignores secrets of other types and those without their key. */
export function pullSecretEntries(secrets: readonly PullSecret[]): PullSecretEntries {
  const entries: KeyedEntry[] = [];
  const warnings: Warning[] = [];
  const budget = { entries: maxEntries, characters: maxCharacters };
  for (const { name, namespace, type, data } of secrets) {
    const { key, form } = forms.get(type) ?? { key: '', form: 'json' };
    const text = Object.hasOwn(data, key) ? (data[key] ?? '') : '';
    if (text === '') continue;
    if (text.length > budget.characters) {
      warnings.push(tooLarge(name));
      continue;
    }
    budget.characters -= text.length;
    try {
      const source = `Secret ${clean(namespace === undefined ? name : `${namespace}/${name}`)}`;
      const config = parseDockerConfig(text, form, { max: budget.entries, source });
      budget.entries -= config.entries.length + config.malformed.length;
      if (config.skippedEntries > 0) warnings.push(tooLarge(name));
      entries.push(...config.entries);
      warnings.push(
        ...config.malformed.map((entry) => malformed(name, `its entry "${entry}" cannot be read`)),
      );
    } catch (error) {
      if (!(error instanceof DockerConfigError)) throw error;
      warnings.push(malformed(name, `${key}: ${error.message}`));
    }
  }
  return { entries, warnings };
}

function malformed(name: string, problem: string): Warning {
  const message = `pull secret "${clean(name)}": ${problem}; the kubelet then ignores all pull secrets of the pod`;
  return { code: 'MalformedPullSecret', message, source: null };
}

function tooLarge(name: string): Warning {
  const message = `pull secret "${clean(name)}" was not fully read: the pod's pull secrets exceed ${maxEntries} entries or ${maxCharacters} bytes`;
  return { code: 'PullSecretsTooLarge', message, source: null };
}
