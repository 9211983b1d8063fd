/** Warnings about entries of a `registries.yaml` that do not do what they appear to do. */
import { clean } from '../../../util/text/text.ts';
import type { Warning } from '../../warning.ts';
import { warn } from '../warn.ts';
import { parseAddress } from './endpoint-address.ts';
import type { K3sMirror, Registries, RegistryConfig } from './registries.ts';

/** Returns the warnings about an entry under `mirrors`. */
export function mirrorWarnings(
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

/** Returns the warnings about an entry under `configs`. */
export function configWarnings(
  name: string,
  { source }: RegistryConfig,
  mirrors: Registries['mirrors'],
): readonly Warning[] {
  if (name === '*' || mirrors.has(name) || !mirrors.has('*')) return [];
  const message = `${clean(name, 120)} is asked without the mirrors of "*", because it has an entry of its own under configs`;
  return [warn('ConfigShadowsWildcard', source, message)];
}

/** Warns about entries under `configs` that are meant for an endpoint but have another name than the endpoint. */
export function unmatchedConfigs({ mirrors, configs }: Registries): readonly Warning[] {
  const endpoints = [...mirrors.values()].flatMap((mirror) => mirror.endpoints.map(({ text }) => text));
  const addresses = endpoints.flatMap((text) => parseAddress(text, null) ?? []);
  const names = [...new Set(addresses.flatMap(({ host, registry }) => [host, registry]))];
  return [...configs].flatMap(([name, { source }]) => {
    if (names.includes(name) || mirrors.has(name)) return [];
    const host = name.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/s, '');
    const near = names.find((each) => each === host || hostnameOf(each) === hostnameOf(host));
    if (near === undefined && !name.includes('://')) return [];
    const advice = near === undefined ? 'write host or host:port' : `write ${near}`;
    const message = `${clean(name, 120)} under configs matches no endpoint under mirrors, so k3s does not use it there; ${advice}`;
    return [warn('UnknownKey', source, message)];
  });
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}
