/** What a `registries.yaml` does and its author may not have meant: warnings, nothing else. */
import { clean } from '../../../util/text/text.ts';
import type { Warning } from '../../warning.ts';
import { warn } from '../warn.ts';
import type { K3sMirror, Registries, RegistryConfig } from './registries.ts';

/** Of an entry under `mirrors`. */
export function mirrorQuirks(
  name: string,
  { source }: K3sMirror,
  configs: Registries['configs'],
  { disableDefaultEndpoint }: { readonly disableDefaultEndpoint: boolean },
): readonly Warning[] {
  if (!configs.has(name)) return [];
  if (name === '*') {
    const message =
      'the configuration of "*" is not used for registries themselves, because "*" is also under mirrors';
    return [warn('WildcardConfigForgotten', source, message)];
  }
  if (!disableDefaultEndpoint) return [];
  const message = `${clean(name, 120)} is still asked itself, last: --disable-default-registry-endpoint has no effect on a registry that is also under configs`;
  return [warn('DefaultEndpointKept', source, message)];
}

/** Of an entry under `configs`. */
export function configQuirks(
  name: string,
  { source }: RegistryConfig,
  mirrors: Registries['mirrors'],
): readonly Warning[] {
  if (name === '*' || mirrors.has(name) || !mirrors.has('*')) return [];
  const message = `${clean(name, 120)} is asked without the mirrors of "*", because it has an entry of its own under configs`;
  return [warn('ConfigShadowsWildcard', source, message)];
}
