/** Pull secrets → docker config entries. Where they come from, `watch/kubernetes` knows. */
import { clean } from '../../util/text/text.ts';
import type { Warning } from '../warning.ts';
import {
  DockerConfigError,
  type DockerConfigForm,
  type KeyedEntry,
  parseDockerConfig,
} from './docker-config.ts';

/** A Secret as far as it concerns pulling; `data` decoded from base64. */
export interface PullSecret {
  readonly name: string;
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface PullSecretEntries {
  /** In the order of the secrets. */
  readonly entries: readonly KeyedEntry[];
  /**
   * `MalformedPullSecret`: the others still count, although the kubelet would drop them all. `PullSecretsTooLarge`: not all
   * of what the kubelet would find in them is known.
   */
  readonly warnings: readonly Warning[];
}

const forms: ReadonlyMap<string, { readonly key: string; readonly form: DockerConfigForm }> = new Map([
  ['kubernetes.io/dockerconfigjson', { key: '.dockerconfigjson', form: 'json' }],
  ['kubernetes.io/dockercfg', { key: '.dockercfg', form: 'legacy' }],
]);

// Of all secrets of a workload together: far more than any real one has, for each entry is held against each new image. The
// namespace's people write them, and everybody's admissions wait for them.
const maxEntries = 1_000;
const maxCharacters = 2 ** 20;

/** Secrets of other types, and those without their key, are ignored. */
export function pullSecretEntries(secrets: readonly PullSecret[]): PullSecretEntries {
  const entries: KeyedEntry[] = [];
  const warnings: Warning[] = [];
  const room = { entries: maxEntries, characters: maxCharacters };
  for (const { name, type, data } of secrets) {
    const { key, form } = forms.get(type) ?? { key: '', form: 'json' };
    const text = Object.hasOwn(data, key) ? (data[key] ?? '') : '';
    if (text === '') continue;
    if (text.length > room.characters) {
      warnings.push(tooLarge(name));
      continue;
    }
    room.characters -= text.length;
    try {
      const config = parseDockerConfig(text, form, room.entries);
      room.entries -= config.entries.length + config.malformed.length;
      if (config.left > 0) warnings.push(tooLarge(name));
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

function malformed(name: string, why: string): Warning {
  const message = `pull secret "${clean(name)}": ${why}; the kubelet ignores all pull secrets of the pod then`;
  return { code: 'MalformedPullSecret', message, source: null };
}

function tooLarge(name: string): Warning {
  const message = `pull secret "${clean(name)}" is not read whole: the pull secrets of the pod have more than ${maxEntries} entries or ${maxCharacters} bytes`;
  return { code: 'PullSecretsTooLarge', message, source: null };
}
