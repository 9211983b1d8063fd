/** Warnings about tables of a `hosts.toml` that do not do what they appear to do. */
import type { DocumentValue } from '../../../../document/document-value.ts';
import { clean } from '../../../../util/text/text.ts';
import type { Warning } from '../../../warning.ts';
import { unknownKeyWarnings, warn } from '../../warn.ts';
import type { HostEntry } from './host-order.ts';
import { hostKeys } from './host-table.ts';

type Tables = ReadonlyMap<string, DocumentValue>;

/** Message about every `rewrite` table that a node might not read. */
export const rewriteExtension =
  "only k3s's build of containerd reads rewrite, and Pratique follows it; any other asks for the repository as it is";

/** Warns about hosts that containerd never tries, and hosts that it tries twice. */
export function orderWarnings(tables: Tables, order: readonly HostEntry[], file: string): readonly Warning[] {
  const seen = new Set<string>();
  const repeated = order.filter(({ name }) => seen.size === seen.add(name).size);
  const dropped = [...tables].filter(([name]) => !seen.has(name));
  return [
    ...dropped.map(([name, { source }]) => warn('InlineTableDropped', source, drops(name))),
    ...repeated.map(({ name, line }) => warn('DuplicateHost', { file, line }, duplicates(name))),
  ];
}

function drops(name: string): string {
  const host = clean(name, 120);
  return `host ${host} is given by a key, not by a table header, and containerd never asks it: write [host."${host}"]`;
}

function duplicates(name: string): string {
  return `host ${clean(name, 120)} appears again after another host, and containerd asks it again here: move this table up to its host`;
}

/** Warns about servers and hosts whose names are probably mistakes. */
export function serverWarnings(server: DocumentValue, tables: Tables): readonly Warning[] {
  const named: readonly (readonly [string, DocumentValue])[] = server.isNull
    ? [...tables]
    : [[server.string(), server], ...tables];
  return named.flatMap(([name, { source }]) => {
    const problem = serverProblem(name);
    return problem === null ? [] : [warn(problem.code, source, problem.message)];
  });
}

function serverProblem(name: string): { readonly code: string; readonly message: string } | null {
  const shown = clean(name, 120);
  const address = name.replace(/^https?:\/\//, '');
  const [host = ''] = address.split('/', 1);
  if (host === 'docker.io' || host === 'index.docker.io') {
    const message = `${shown}: ${host} serves no registry API, and containerd replaces it only where no server is named; write https://registry-1.docker.io`;
    return { code: 'ServerNotRegistry', message };
  }
  if (host === '*') {
    const message = `${shown}: no host has the name *; settings for all other registries belong in the directory _default`;
    return { code: 'ServerMalformed', message };
  }
  if (host === '') {
    return {
      code: 'ServerMalformed',
      message: `"${shown}" names no host; write it, such as https://mirror.example`,
    };
  }
  if (!address.includes('://')) return null;
  return {
    code: 'ServerMalformed',
    message: `${shown} holds two URLs; containerd asks the host ${clean(host, 80)}`,
  };
}

/**
 * Warns about keys that containerd does not know, and about rewrite rules (`RewriteExtension`), which only k3s's build reads.
 */
export function keyWarnings(root: DocumentValue, tables: Tables): readonly Warning[] {
  const rewrites = [root, ...tables.values()].filter((table) => table.has('rewrite'));
  return [
    ...unknownKeyWarnings(root, [...hostKeys, 'server', 'host'], 'containerd'),
    ...[...tables.values()].flatMap((table) => unknownKeyWarnings(table, hostKeys, 'containerd')),
    ...rewrites.map((table) => warn('RewriteExtension', table.get('rewrite').source, rewriteExtension)),
  ];
}
