/** Checks of settings against each other. Every message contains both values. */
import { matchLocalhost } from '../../resolve/endpoints/loopback.ts';
import { type MirrorSource, sourceNames } from '../../resolve/endpoints/schema.ts';
import { formatListenAddress } from '../../serve/http/listen-address.ts';
import { formatDuration } from '../../util/text/duration.ts';
import { quoted } from '../../util/schema-fields.ts';
import type { Configuration } from '../configuration.ts';
import { formatPath, type Path } from './path.ts';

export interface Contradiction {
  readonly path: Path;
  readonly message: string;
}

/** Returns the contradictions between settings. The caller omits sections that are invalid on their own. */
export function findContradictions(sections: Partial<Configuration>): readonly Contradiction[] {
  return [
    ...checkMirrors(sections),
    ...checkProviders(sections),
    ...checkTimeouts(sections),
    ...checkMaxStale(sections),
    ...checkEngineApi(sections),
  ];
}

function checkMirrors({ mirrors: section }: Partial<Configuration>): Contradiction[] {
  if (!section) return [];
  const names = section.nodeGroups.map(({ name }) => name);
  return [
    ...checkSource(section, ['mirrors']),
    ...section.nodeGroups.flatMap((group, index) => checkSource(group, ['mirrors', 'nodeGroups', index])),
    ...names.flatMap((name, index) =>
      names.indexOf(name) < index
        ? [
            {
              path: ['mirrors', 'nodeGroups', index, 'name'],
              message: `${quoted(name)} is also the name of mirrors.nodeGroups[${names.indexOf(name)}]; rename one of the two`,
            },
          ]
        : [],
    ),
  ];
}

function checkSource(from: MirrorSource, path: Path): Contradiction[] {
  const [first, ...others] = sourceNames.filter((name) => from[name] !== undefined);
  const { configPath, configToml } = from.containerd ?? {};
  const found: Contradiction[] = others.map((name) => ({
    path: [...path, name],
    message: `${formatPath([...path, first ?? ''])} is also set; keep one of the two`,
  }));
  if (from.containerd && configPath === undefined && configToml === undefined) {
    found.push({ path: [...path, 'containerd'], message: 'requires configPath or configToml' });
  }
  if (configPath !== undefined && configToml !== undefined) {
    const message = `${quoted(configToml)} conflicts with configPath ${quoted(configPath)}; keep the one that containerd uses`;
    found.push({ path: [...path, 'containerd', 'configToml'], message });
  }
  return found;
}

function checkTimeouts({ registry, server }: Partial<Configuration>): Contradiction[] {
  if (!registry) return [];
  const { endpointTimeout, resolutionTimeout } = registry;
  const found: Contradiction[] = [];
  if (endpointTimeout > resolutionTimeout) {
    found.push({
      path: ['registry', 'endpointTimeout'],
      message: `${formatDuration(endpointTimeout)} is longer than registry.resolutionTimeout (${formatDuration(resolutionTimeout)}), which covers all endpoints; lower it or raise resolutionTimeout`,
    });
  }
  if (server && server.webhook.deadline > resolutionTimeout) {
    found.push({
      path: ['server', 'webhook', 'deadline'],
      message: `${formatDuration(server.webhook.deadline)} is longer than registry.resolutionTimeout (${formatDuration(resolutionTimeout)}), after which the webhook has nothing to wait for; lower it or raise resolutionTimeout`,
    });
  }
  return found;
}

function checkMaxStale({ cache }: Partial<Configuration>): Contradiction[] {
  if (!cache || cache.maxStale === 0 || cache.maxStale >= cache.tagTTL) return [];
  const message = `${formatDuration(cache.maxStale)} is shorter than cache.tagTTL (${formatDuration(cache.tagTTL)}), so no stale answer would ever be served; raise it, or set 0s to serve none`;
  return [{ path: ['cache', 'maxStale'], message }];
}

function checkProviders({ credentials }: Partial<Configuration>): Contradiction[] {
  if (!credentials) return [];
  const { config, binDir } = credentials.execProviders;
  if ((config === '') === (binDir === '')) return [];
  const path = ['credentials', 'execProviders'];
  return config === ''
    ? [{ path: [...path, 'config'], message: `required with binDir ${quoted(binDir)}; set both or neither` }]
    : [{ path: [...path, 'binDir'], message: `required with config ${quoted(config)}; set both or neither` }];
}

function checkEngineApi({ server }: Partial<Configuration>): Contradiction[] {
  const { listen, allowRemote } = server?.engineApi ?? { listen: null, allowRemote: false };
  if (listen?.kind !== 'tcp' || allowRemote) return [];
  if (listen.host !== null && matchLocalhost(listen.host)) return [];
  const message = `${quoted(formatListenAddress(listen))} can be reached from other machines; use a loopback address such as 127.0.0.1:${listen.port}, or set allowRemote to true`;
  return [{ path: ['server', 'engineApi', 'listen'], message }];
}
