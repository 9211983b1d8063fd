/** What no single value can tell: settings that contradict each other. Every message gives both values. */

import { type MirrorSource, sourceNames } from '../../resolve/endpoints/schema.ts';
import { formatDuration } from '../../util/text/duration.ts';
import { quoted } from '../../util/schema-fields.ts';
import type { Configuration } from '../configuration.ts';
import { formatPath, type Path } from './path.ts';

export interface Contradiction {
  readonly path: Path;
  readonly message: string;
}

/** Sections that are wrong in themselves are left out by the caller. */
export function contradictions(sections: Partial<Configuration>): readonly Contradiction[] {
  return [...mirrors(sections), ...providers(sections), ...times(sections), ...staleness(sections)];
}

function mirrors({ mirrors: section }: Partial<Configuration>): Contradiction[] {
  if (!section) return [];
  const names = section.nodeGroups.map(({ name }) => name);
  return [
    ...oneSource(section, ['mirrors']),
    ...section.nodeGroups.flatMap((group, index) => oneSource(group, ['mirrors', 'nodeGroups', index])),
    ...names.flatMap((name, index) =>
      names.indexOf(name) < index
        ? [
            {
              path: ['mirrors', 'nodeGroups', index, 'name'],
              message: `${quoted(name)} is also the name of mirrors.nodeGroups[${names.indexOf(name)}]`,
            },
          ]
        : [],
    ),
  ];
}

function oneSource(from: MirrorSource, path: Path): Contradiction[] {
  const [first, ...others] = sourceNames.filter((name) => from[name] !== undefined);
  const { configPath, configToml } = from.containerd ?? {};
  const found: Contradiction[] = others.map((name) => ({
    path: [...path, name],
    message: `${formatPath([...path, first ?? ''])} is set already; keep one of the two`,
  }));
  if (from.containerd && configPath === undefined && configToml === undefined) {
    found.push({ path: [...path, 'containerd'], message: 'needs configPath or configToml' });
  }
  if (configPath !== undefined && configToml !== undefined) {
    const message = `${quoted(configToml)} stands beside configPath ${quoted(configPath)}; containerd uses one of the two: keep that one`;
    found.push({ path: [...path, 'containerd', 'configToml'], message });
  }
  return found;
}

function times({ registry, server }: Partial<Configuration>): Contradiction[] {
  if (!registry) return [];
  const { endpointTimeout, resolutionTimeout } = registry;
  const found: Contradiction[] = [];
  if (endpointTimeout > resolutionTimeout) {
    found.push({
      path: ['registry', 'endpointTimeout'],
      message: `${formatDuration(endpointTimeout)} is more than registry.resolutionTimeout (${formatDuration(resolutionTimeout)}), which covers all endpoints; lower it or raise resolutionTimeout`,
    });
  }
  if (server && server.webhook.deadline > resolutionTimeout) {
    found.push({
      path: ['server', 'webhook', 'deadline'],
      message: `${formatDuration(server.webhook.deadline)} is more than registry.resolutionTimeout (${formatDuration(resolutionTimeout)}), which ends the work that the webhook waits for; lower it or raise resolutionTimeout`,
    });
  }
  return found;
}

function staleness({ cache }: Partial<Configuration>): Contradiction[] {
  if (!cache || cache.maxStale === 0 || cache.maxStale >= cache.tagTTL) return [];
  const message = `${formatDuration(cache.maxStale)} is less than cache.tagTTL (${formatDuration(cache.tagTTL)}), so no stale answer would ever be served; raise it, or write 0s to serve none`;
  return [{ path: ['cache', 'maxStale'], message }];
}

function providers({ credentials }: Partial<Configuration>): Contradiction[] {
  if (!credentials) return [];
  const { config, binDir } = credentials.execProviders;
  if ((config === '') === (binDir === '')) return [];
  const path = ['credentials', 'execProviders'];
  return config === ''
    ? [{ path: [...path, 'config'], message: `required with binDir ${quoted(binDir)}; set both or none` }]
    : [{ path: [...path, 'binDir'], message: `required with config ${quoted(config)}; set both or none` }];
}
